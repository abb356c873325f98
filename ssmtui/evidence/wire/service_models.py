"""The SDK's models of AWS's services: read once for all sessions, and without the prose that is half of them.

The SDK has its loader read files by whatever knows `exists` and `load_file`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

_PROSE = frozenset({"documentation", "documentationUrl"})
_FORMS: Mapping[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""How a file is kept that is asked for by its name without an ending."""


@cache
def shared_loader(search_path: str | None) -> Any:
    """The loader of all sessions that look in the same places (`AWS_DATA_PATH`, or the SDK's own where it is None)."""
    from botocore.loaders import create_loader

    loader = create_loader(search_path)
    loader.file_loader = ModelFiles()
    return loader


class ModelFiles:
    """Files of models, each read once, whoever asks for it meanwhile: clients of many Regions are made at once."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._read: dict[str, Any] = {}

    def exists(self, file_path: str) -> bool:
        """Whether there is a file of that name, in one form or another."""
        return any(Path(file_path + form).is_file() for form in _FORMS)

    def load_file(self, file_path: str) -> Any:
        """What is in it; None where there is none."""
        with self._turn:
            if file_path not in self._read:
                self._read[file_path] = _loaded(file_path)
            return self._read[file_path]


def _loaded(file_path: str) -> Any:
    for form, unpacked in _FORMS.items():
        try:
            packed = Path(file_path + form).read_bytes()
        except FileNotFoundError:
            continue
        return json.loads(unpacked(packed), object_pairs_hook=_without_prose)
    return None


def _without_prose(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a file: its prose is empty, as the SDK asks for it in places; a member of such a name is none."""
    return {name: "" if name in _PROSE and isinstance(value, str) else value for name, value in pairs}

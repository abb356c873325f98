"""The SDK's models of AWS's services: read once for all sessions, without prose, and without what nobody calls.

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

from ssmtui.evidence.wire.cut_models import cut_model

Operations = frozenset[tuple[str, str]]
"""By botocore's service and operation."""

_PROSE = frozenset({"documentation", "documentationUrl"})
_ALL_PROSE = "examples-1"
_OF_OPERATIONS = "service-2"
_FORMS: Mapping[str, Callable[[bytes], bytes]] = {".json": bytes, ".json.gz": gzip.decompress}
"""How a file is kept that is asked for by its name without an ending."""


@cache
def shared_loader(search_path: str | None, called: Operations) -> Any:
    """The loader of all sessions that look in the same places (`AWS_DATA_PATH`, or the SDK's own where it is None).

    Of a service of which some operations are `called` they know no others.
    """
    from botocore.loaders import create_loader

    loader = create_loader(search_path)
    loader.file_loader = ModelFiles(called)
    return loader


class ModelFiles:
    """Files of models, each read once, whoever asks for it meanwhile: clients of many Regions are made at once."""

    def __init__(self, called: Operations = frozenset()) -> None:
        self._called = called
        self._turn = Lock()
        self._read: dict[str, Any] = {}

    def exists(self, file_path: str) -> bool:
        """Whether there is a file of that name, in one form or another, that is not all prose."""
        path = Path(file_path)
        return path.name != _ALL_PROSE and any(Path(file_path + form).is_file() for form in _FORMS)

    def load_file(self, file_path: str) -> Any:
        """What is in it; None where there is none."""
        with self._turn:
            if file_path not in self._read:
                self._read[file_path] = self._loaded(Path(file_path))
            return self._read[file_path]

    def _loaded(self, path: Path) -> Any:
        text = _text(path)
        if text is None:
            return None
        operations = {operation for service, operation in self._called if service == path.parent.parent.name}
        if path.name == _OF_OPERATIONS and operations:
            return cut_model(text, operations, _without_prose)
        return json.loads(text, object_pairs_hook=_without_prose)


def _text(path: Path) -> str | None:
    for form, unpacked in _FORMS.items():
        try:
            packed = path.with_name(path.name + form).read_bytes()
        except FileNotFoundError:
            continue
        return unpacked(packed).decode()
    return None


def _without_prose(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a file: its prose is empty, as the SDK asks for it in places; a member of such a name is none."""
    return {name: "" if name in _PROSE and isinstance(value, str) else value for name, value in pairs}

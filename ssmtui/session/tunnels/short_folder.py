"""A temporary folder for the plugin's socket, whose path has room for few bytes (docs/facts/sessions.md §8)."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_ROOM = 103 if sys.platform == "darwin" else 107
_SOCKET = len("/4294967295_session_manager_plugin_mux.sock")
_SHORT = "/tmp"  # noqa: S108 - a folder of our own is made in it


@contextmanager
def with_short_folder(environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The environment, with a TMPDIR of its own where a socket would not fit into the one that there is."""
    folder = environment.get("TMPDIR") or _SHORT
    if os.name == "nt" or len(os.fsencode(folder.rstrip("/"))) + _SOCKET <= _ROOM:
        yield environment
        return
    with tempfile.TemporaryDirectory(prefix="ssmtui-", dir=_SHORT, ignore_cleanup_errors=True) as short:
        yield {**environment, "TMPDIR": short}

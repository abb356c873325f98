"""ssmtui with all its packages imported but the command line, whose words are in the language of who asks.

Run as `python -m tests.preloaded.serving SOCKET`; how it is asked is told in `forking`.
"""

from __future__ import annotations

import asyncio
import os
import pkgutil
import runpy
import signal
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import ssmtui
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.scope import ScopeName
from tests.preloaded import forking

PACKAGES = (
    "language",
    "text",
    "iam_policy",
    "model",
    "analysis",
    "config",
    "causes",
    "checks",
    "evidence",
    "diagnosis",
    "remediation",
    "session",
    "report",
)
"""All but the command line and the screens."""


def serve(path: str) -> None:
    """Run what clients ask for, one command at a time."""
    import_module("ssmtui.cli.entry")
    for name in PACKAGES:
        package = import_module(f"ssmtui.{name}")
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not each.name.endswith("__main__"):
                import_module(each.name)
    asyncio.run(_read_models())
    forking.serve(path, _be_ssmtui)


async def _read_models() -> None:
    """Have the SDK read what it knows of the services that are read, without sending anything."""
    clients = Clients(ClientSettings(endpoint_url="http://127.0.0.1:9", reads=all_reads))
    try:
        for service in sorted({service for service, _ in all_reads()}):
            await clients.open_client(ScopeName(None, "eu-west-3"), service)
    finally:
        await clients.close()


def _be_ssmtui(streams: list[int], asked: Mapping[str, Any]) -> NoReturn:
    """Go on as `python -m ssmtui` does, in the folder, with the environment and on the streams of who asked."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # By the same encodings and ways with errors as Python chose when it began here.
    sys.stdin = open(0, encoding=sys.stdin.encoding, errors=sys.stdin.errors, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding=sys.stderr.encoding, errors=sys.stderr.errors, closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    sys.path[0] = asked["folder"]
    words: list[str] = asked["words"]
    if asked["program"]:
        sys.argv = ["-c", *words]
        exec(asked["program"], {"__name__": "__main__"})  # noqa: S102
        sys.exit()
    sys.argv = [str(Path(ssmtui.__path__[0], "__main__.py")), *words]
    runpy.run_module("ssmtui", run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    serve(sys.argv[1])

"""Run programs for what they print, and end them when nobody waits any longer."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Mapping
from contextlib import suppress

from ssmtui import processes

_DYING = 1.0
"""Seconds in which a program that is killed is gone."""


class Program:
    """A program that runs. `returncode` as asyncio's Process has it."""

    def __init__(self, process: Process, *, alone: bool) -> None:
        self._process = process
        self._alone = alone

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it prints. Whoever stops waiting for that ends it, and whatever it has started in its own group."""
        try:
            printed, complained = await self._process.communicate()
        except BaseException:
            await self._end()
            raise
        return printed or b"", complained or b""

    async def _end(self) -> None:
        # Also where the program has ended by itself: somebody whom it has started still holds what it prints to.
        with suppress(ProcessLookupError):
            if self._alone and hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            elif self._process.returncode is None:
                self._process.kill()
        # What a killed program had started may hold its pipes open for ever: they are not waited for.
        transport = self._process._transport  # type: ignore[attr-defined]
        transport.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_DYING):
                await self._process.wait()


async def start_program(
    *words: str,
    alone: bool = False,
    env: Mapping[str, str] | None = None,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Program:
    """Run a program, without a shell. Raises OSError.

    `alone` gives it a process group of its own, without the terminal: not one that may ask somebody there. `env`
    is its environment, where that is not this one.
    """
    started = await processes.start_on_loop(
        words, os.environ if env is None else env, start_new_session=alone, stdin=stdin, stdout=stdout, stderr=stderr
    )
    return Program(started, alone=alone)

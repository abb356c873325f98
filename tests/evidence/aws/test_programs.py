"""Programs that nobody waits for any longer are gone, with what they have started."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from ssmtui.evidence.aws.credentials import Program, start_program

LEAVES_ITS_OUTPUT_TO_ANOTHER = """
import subprocess, sys
pipe = open(sys.argv[1], "wb", buffering=0)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=[pipe.fileno()])
pipe.write(b"ready")
"""


async def python(body: str, *words: str, alone: bool = False) -> Program:
    return await start_program(sys.executable, "-c", body, *words, alone=alone, stdin=DEVNULL, stdout=PIPE, stderr=PIPE)


async def test_it_tells_what_it_prints_and_how_it_ended() -> None:
    started = await python("import sys; print('there'); print('oh', file=sys.stderr); sys.exit(3)")
    assert await started.communicate() == (b"there\n", b"oh\n")
    assert started.returncode == 3


async def test_one_that_has_left_its_output_to_another_program_is_ended_with_it(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    started = await python(LEAVES_ITS_OUTPUT_TO_ANOTHER, str(fifo), alone=True)
    waiting = asyncio.ensure_future(started.communicate())
    with await asyncio.to_thread(fifo.open, "rb", buffering=0) as pipe:
        assert await asyncio.to_thread(pipe.read, 5) == b"ready"
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        # The end of the pipe: nobody holds it any more.
        assert await asyncio.to_thread(pipe.read) == b""


async def test_what_one_that_has_ended_left_behind_at_its_output_is_ended_too(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    words = (sys.executable, "-c", LEAVES_ITS_OUTPUT_TO_ANOTHER, str(fifo))
    process = await asyncio.create_subprocess_exec(*words, start_new_session=True, stdout=PIPE, stderr=PIPE)
    waiting = asyncio.ensure_future(Program(process, alone=True).communicate())
    with await asyncio.to_thread(fifo.open, "rb", buffering=0) as pipe:
        # It is known to have ended before its output is at an end, for which `wait` waits.
        while process.returncode is None:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await asyncio.to_thread(pipe.read) == b"ready"


async def test_one_that_is_not_waited_for_has_ended_when_that_is_told() -> None:
    started = await python("import time; time.sleep(600)")
    waiting = asyncio.ensure_future(started.communicate())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert started.returncode is not None

"""The memory of all threads is in one heap."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import ctypes, sys, threading
from ssmtui.cli import main

_, file, heaps = sys.argv
sys.argv = ["ssmtui", "--version"]
if heaps == "one":
    try:
        main()
    except SystemExit:
        pass
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
thread = threading.Thread(target=libc.malloc, args=(10_000,))
thread.start()
thread.join()
stream = ctypes.c_void_p(libc.fopen(file.encode(), b"w"))
libc.malloc_info(0, stream)
libc.fclose(stream)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps of glibc")
@pytest.mark.parametrize(("heaps", "expected"), [("one", 1), ("default", 2)])
def test_a_thread_has_no_heap_of_its_own(heaps: str, expected: int, tmp_path: Path) -> None:
    told = tmp_path / "told.xml"
    subprocess.run([sys.executable, "-c", PROGRAM, str(told), heaps], check=True)
    assert told.read_text().count("<heap ") == expected

"""What a start imports is not scanned by the garbage collector again; what is made later is collected as usual."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from ssmtui.evidence.aws.garbage_collection import keep_imports
keep_imports("program")
kept = gc.get_freeze_count()
later = [[number] for number in range(1000)]
keep_imports("program")
print(kept > 1000, gc.get_freeze_count() == kept)
"""


def test_imports_are_kept_once() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert told.stdout == "True True\n"

"""However big a report is, a format holds a part of it: nodes and findings are taken one by one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ssmtui.report.format import all_formats

ROOT = Path(__file__).parents[3]


@pytest.mark.long
def test_memory_does_not_grow_with_the_report() -> None:
    names = sorted(set(all_formats()) - {"table"})
    words = [sys.executable, "-m", "tests.report.formats.peaks", *names]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    peaks = json.loads(told.stdout)
    assert sorted(peaks) == names
    # 2.5 times as many nodes: 780 more, each with a finding. Held, they take more than a kilobyte each. Python keeps up
    # to 2,000 freed tuples of each size, which can be one a node.
    grown = {name: (small, big) for name, (small, big) in peaks.items() if big - small >= 780 * 128}
    assert {name: (small, big) for name, (small, big) in grown.items() if big >= 1.4 * small} == {}

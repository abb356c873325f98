from __future__ import annotations

from collections.abc import Iterator

import pytest

from tools.trust.faults.runs import Bench
from tools.trust.faults.runs import bench as a_bench


@pytest.fixture(scope="package")
def bench() -> Iterator[Bench]:
    """The simulated AWS of this folder, in hurried time."""
    with a_bench() as made:
        yield made

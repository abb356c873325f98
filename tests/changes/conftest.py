from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.changes.journal import Journal
from tests.changes.fake_aws import FakeAws
from tests.changes.plans import ON
from tests.handover.stock_cli import cli
from tests.simulated_here import aws as simulated
from tests.simulated_here import simulated_aws

__all__ = ["cli", "simulated", "simulated_aws"]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


@pytest.fixture
def aws() -> FakeAws:
    """Both switches on, in version 1."""
    return FakeAws([ON])

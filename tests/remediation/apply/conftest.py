from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.remediation.apply.journal import Journal
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON
from tests.remediation.export.stock_cli import cli
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

"""A part of `make secrets`: a command of each kind with canaries for secrets, and the encryption of all clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_aws import aws, simulated_aws
from tests.sso_portal import sso_portal
from tools.trust.secrets.encryption import look_at_encryption
from tools.trust.secrets.runs import lines, plants, run_lines

__all__ = ["aws", "simulated_aws"]


@pytest.mark.long
def test_nobody_speaks_to_a_server_that_nobody_vouches_for(tmp_path: Path) -> None:
    assert look_at_encryption(tmp_path).lost == []


def test_no_canary_is_found_after_a_check_and_a_crash(aws: SimulatedAws, tmp_path: Path) -> None:
    aws.load("log-group-unencrypted")
    with sso_portal() as portal:
        assert run_lines(aws, tmp_path, plants(tmp_path, portal)[0], tuple(lines())[:1]).lost == []

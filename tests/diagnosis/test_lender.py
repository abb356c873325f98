"""Credentials for whoever takes a change back, without a diagnosis."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.lender import Lender
from ssmtui.model.lending import CannotLend, LentCredentials
from ssmtui.model.scope import ScopeName
from ssmtui.simulator.in_thread import SimulatedAws


def test_credentials_are_lent_once_aws_has_said_whose_they_are(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    lender = Lender(Asked(endpoint_url=at_simulator.endpoint_url))
    try:
        lent = lender.credentials(ScopeName(None, at_simulator.regions[0])).result(timeout=60)
    finally:
        lender.close()
    wanted = at_simulator.environment
    assert lent == LentCredentials(
        wanted["AWS_ACCESS_KEY_ID"], wanted["AWS_SECRET_ACCESS_KEY"], wanted.get("AWS_SESSION_TOKEN")
    )
    assert at_simulator.journal.entries[0].operation == "GetCallerIdentity"


def test_where_there_are_none_it_says_why(at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in at_simulator.environment:
        if name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}:
            monkeypatch.delenv(name)
    lender = Lender(Asked(endpoint_url=at_simulator.endpoint_url))
    try:
        with pytest.raises(CannotLend, match="credentials"):
            lender.credentials(ScopeName(None, at_simulator.regions[0])).result(timeout=60)
    finally:
        lender.close()

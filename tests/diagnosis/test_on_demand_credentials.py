"""Credentials for whoever takes a change back, without a diagnosis."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.on_demand_credentials import OnDemandCredentials
from ssmtui.model.scope import CredentialsUnavailable, ScopeName, SharedCredentials
from ssmtui.simulator.in_thread import SimulatedAws


def test_credentials_are_lent_once_aws_has_said_whose_they_are(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    lender = OnDemandCredentials(DiagnosisRequest(endpoint_url=at_simulator.endpoint_url))
    try:
        lent = lender.credentials(ScopeName(None, at_simulator.regions[0])).result(timeout=60)
    finally:
        lender.close()
    wanted = at_simulator.environment
    assert lent == SharedCredentials(
        wanted["AWS_ACCESS_KEY_ID"], wanted["AWS_SECRET_ACCESS_KEY"], wanted.get("AWS_SESSION_TOKEN")
    )
    assert at_simulator.journal.entries[0].operation == "GetCallerIdentity"


def test_where_there_are_none_it_says_why(at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in at_simulator.environment:
        if name in {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}:
            monkeypatch.delenv(name)
    lender = OnDemandCredentials(DiagnosisRequest(endpoint_url=at_simulator.endpoint_url))
    try:
        with pytest.raises(CredentialsUnavailable, match="credentials"):
            lender.credentials(ScopeName(None, at_simulator.regions[0])).result(timeout=60)
    finally:
        lender.close()

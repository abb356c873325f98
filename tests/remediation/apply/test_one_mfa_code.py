"""A profile that asks for an MFA code: asked once, for reading, and whoever writes is lent what came of it."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.sdk import Terminal
from ssmtui.model.plan import Plan
from ssmtui.model.scope import CredentialsUnavailable, ScopeName, SharedCredentials
from ssmtui.remediation.apply.change import AppliedOutcome, FailedOutcome
from ssmtui.remediation.apply.change_service import open_change_service
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.writer import Writer
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import InlinePolicy
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.building_blocks import allow

GUARDED = """
[profile guarded]
role_arn = arn:aws:iam::123456789012:role/Engineer
source_profile = plain
mfa_serial = arn:aws:iam::123456789012:mfa/alex
region = eu-west-3
"""
LENT = SharedCredentials("ASIAIOSFODNN7EXAMPLE", "never-shown", "never-shown-either")


@pytest.fixture
def guarded(simulated: SimulatedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimulatedAws:
    """The simulated AWS, reached by a profile whose role asks for a code."""
    scenario = world("log-group-unreadable")
    takes_roles = InlinePolicy("takes-roles", (allow("sts:AssumeRole"),))
    caller = replace(scenario.caller, inline=(*scenario.caller.inline, takes_roles))
    simulated.load(replace(scenario, caller=caller))
    keys = {name: simulated.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    for name in keys:
        monkeypatch.delenv(name)
    (tmp_path / "config").write_text(GUARDED)
    lines = "\n".join(f"{name.lower()} = {value}" for name, value in keys.items())
    (tmp_path / "credentials").write_text(f"[plain]\n{lines}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return simulated


def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a code was asked for."""
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return "123456"

    monkeypatch.setattr(getpass, "getpass", ask)
    monkeypatch.setattr(sdk, "Terminal", lambda: Terminal(ask))
    return asked


def planned(live: LiveDiagnosis) -> Plan:
    state = follow(live)
    assert state.errors == {}
    held = next(each for each in state.findings.values() if each.finding.cause == "log-group-unreadable")
    plan = live.plan(held.scope.name, "grant-node-log-lookup", held.id).result()
    assert isinstance(plan, Plan)
    return plan


def test_one_code_serves_reading_writing_and_taking_back(
    guarded: SimulatedAws, monkeypatch: pytest.MonkeyPatch, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    asked = codes(monkeypatch)
    caplog.set_level(logging.INFO)
    live = LiveDiagnosis.start(DiagnosisRequest(("guarded",), ("eu-west-3",), guarded.endpoint_url))
    desk = open_change_service(journal.file.parent, endpoint_url=guarded.endpoint_url, lend=live.credentials)
    try:
        plan = planned(live)
        assert isinstance(desk.apply(plan).result(), AppliedOutcome)
        assert isinstance(desk.undo().result(), AppliedOutcome)
        lent = live.credentials(plan.scope.name).result()
    finally:
        desk.close()
        live.close()
    assert len(asked) == 1
    kept = caplog.text + journal.file.read_text() + repr(lent)
    assert not any(secret in kept for secret in (lent.access_key, lent.secret_key, str(lent.token)))


def test_without_anything_lent_the_writer_refuses_to_ask_while_the_screen_has_the_terminal(
    guarded: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = codes(monkeypatch)
    from ssmtui.remediation.operations.write_operation import ChangeFailedError

    with pytest.raises(ChangeFailedError, match="need an MFA code"):
        Writer(ClientAccess("guarded", "eu-west-3", guarded.endpoint_url)).account()
    assert asked == []


def test_an_undo_on_the_command_line_may_ask(guarded: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = codes(monkeypatch)
    writer = Writer(ClientAccess("guarded", "eu-west-3", guarded.endpoint_url), ask=getpass.getpass)
    assert writer.account() == "123456789012"
    assert len(asked) == 1


def refusing(_: ScopeName) -> Future[SharedCredentials]:
    future: Future[SharedCredentials] = Future()
    future.set_exception(CredentialsUnavailable("the credentials have expired"))
    return future


def gone(_: ScopeName) -> Future[SharedCredentials]:
    future: Future[SharedCredentials] = Future()
    future.cancel()
    return future


@pytest.mark.parametrize("lend", [refusing, gone])
def test_credentials_that_cannot_be_lent_change_nothing(
    lend: Callable[[ScopeName], Future[SharedCredentials]],
    guarded: SimulatedAws,
    monkeypatch: pytest.MonkeyPatch,
    journal: Journal,
) -> None:
    codes(monkeypatch)
    live = LiveDiagnosis.start(DiagnosisRequest(("guarded",), ("eu-west-3",), guarded.endpoint_url))
    desk = open_change_service(journal.file.parent, endpoint_url=guarded.endpoint_url, lend=lend)
    try:
        plan = planned(live)
        guarded.journal.clear()
        outcome = desk.apply(plan).result()
    finally:
        desk.close()
        live.close()
    assert isinstance(outcome, FailedOutcome)
    assert "credentials" in outcome.why
    assert guarded.journal.writes == ()


def test_lent_credentials_do_not_show_themselves() -> None:
    assert "never-shown" not in f"{LENT!r} {LENT}"

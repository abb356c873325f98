"""Credentials that end or change while a run goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import (
    AllSettled,
    Event,
    FindingChanged,
    ScopeClosed,
    ScopeFailed,
    ScopeOpened,
    VerdictChanged,
)
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.aws.credentials import RejectionPolicy
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.scope import CredentialsUnavailable, ScopeName, ScopeProblem
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import CALLER_ACCESS_KEY
from ssmtui.simulator.request_control import FaultKind
from tests.sso_portal import PROFILE, Portal, profile_of_portal, sso_portal, stand_in_aws

PARIS = ScopeName(None, "eu-west-3")
SECOND = "ASIASIMULATORSECOND1"

Write = Callable[[str], None]


@pytest.fixture
def write_keys(at_simulator: SimulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the credentials file of whoever runs ssmtui, as aws-vault, granted or saml2aws would."""
    at_simulator.load("healthy-small")
    at_simulator.give_key(SECOND)
    file = tmp_path / "credentials"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))

    def write(key: str) -> None:
        new = tmp_path / "new"
        new.write_text(f"[default]\naws_access_key_id={key}\naws_secret_access_key=s\naws_session_token=t\n")
        new.replace(file)

    write(CALLER_ACCESS_KEY)
    return write


@pytest.fixture
def start(at_simulator: SimulatedAws, write_keys: Write) -> Iterator[Callable[[RejectionPolicy], LiveDiagnosis]]:
    begun: list[LiveDiagnosis] = []

    def begin(on_rejection: RejectionPolicy = RejectionPolicy.WAIT) -> LiveDiagnosis:
        regions, url = at_simulator.regions, at_simulator.endpoint_url
        begun.append(
            LiveDiagnosis.start(DiagnosisRequest(regions=regions, endpoint_url=url, on_rejection=on_rejection))
        )
        return begun[-1]

    yield begin
    for each in begun:
        each.close()


Start = Callable[..., LiveDiagnosis]


def told_until(live: LiveDiagnosis, state: FleetState, wanted: type[Event]) -> list[Event]:
    told: list[Event] = []
    while not told or not isinstance(told[-1], wanted):
        told.append(live.events.get(timeout=60))
        state.apply(told[-1])
    return told


def all_ok(state: FleetState) -> bool:
    return {state.verdict(key).status for key in state.nodes} == {VerdictStatus.OK}


def test_keys_that_were_written_anew_are_taken_up_without_a_word(
    at_simulator: SimulatedAws, write_keys: Write, start: Start
) -> None:
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY, after=9)
    live = start()
    told_until(live, state := FleetState(), ScopeOpened)
    write_keys(SECOND)
    told: list[Event] = []
    follow(live, state, lambda _, event: told.append(event))
    assert not any(isinstance(event, ScopeFailed) for event in told)
    assert (state.errors, all_ok(state), state.findings) == ({}, True, {})


def test_a_scope_whose_credentials_end_says_so_once_stands_as_it_was_and_goes_on_with_others(
    at_simulator: SimulatedAws, write_keys: Write, start: Start
) -> None:
    live = start()
    state = follow(live)
    assert all_ok(state)
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
    live.refresh()
    told = [*told_until(live, state, ScopeFailed), *told_until(live, state, AllSettled)]
    assert state.errors[PARIS].problem is ScopeProblem.EXPIRED_CREDENTIALS
    assert all_ok(state)
    write_keys(SECOND)
    live.retry()
    follow(live, state, lambda _, event: told.append(event))
    assert (state.errors, state.settled, all_ok(state)) == ({}, {PARIS}, True)
    assert [type(event) for event in told if isinstance(event, ScopeFailed | ScopeOpened)] == [ScopeFailed, ScopeOpened]
    assert not any(isinstance(event, FindingChanged) for event in told)
    verdicts = [event.verdict.status for event in told if isinstance(event, VerdictChanged)]
    assert set(verdicts) <= {VerdictStatus.OK}


def test_a_scope_that_is_tried_again_while_it_is_being_opened_is_opened_once(
    at_simulator: SimulatedAws, write_keys: Write, start: Start
) -> None:
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
    live = start()
    told_until(live, state := FleetState(), AllSettled)
    assert state.errors[PARIS].problem is ScopeProblem.EXPIRED_CREDENTIALS
    write_keys(SECOND)
    for _ in range(3):
        live.retry()
    told: list[Event] = []
    follow(live, state, lambda _, event: told.append(event))
    assert (state.crashes, state.errors, all_ok(state)) == ([], {}, True)
    assert len([event for event in told if isinstance(event, ScopeOpened)]) == 1


def test_a_login_elsewhere_is_noticed(at_simulator: SimulatedAws, write_keys: Write, start: Start) -> None:
    live = start()
    state = follow(live)
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
    live.refresh()
    told_until(live, state, ScopeFailed)
    told_until(live, state, AllSettled)
    write_keys(SECOND)
    follow(live, state)
    assert (state.errors, all_ok(state)) == ({}, True)


def test_a_scope_that_could_not_be_opened_is_when_somebody_has_logged_in(
    at_simulator: SimulatedAws, write_keys: Write, start: Start
) -> None:
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
    live = start()
    state = follow(live)
    assert set(state.errors) == {PARIS}
    write_keys(SECOND)
    follow(live, state)
    assert (state.errors, all_ok(state)) == ({}, True)


def test_the_credentials_of_somebody_else_begin_the_scope_again(
    at_simulator: SimulatedAws, write_keys: Write, start: Start
) -> None:
    at_simulator.give_key(SECOND, "arn:aws:iam::123456789012:user/bo")
    live = start()
    state = follow(live)
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
    write_keys(SECOND)
    live.refresh()
    told = told_until(live, state, ScopeOpened)
    assert ScopeClosed(PARIS) in told
    assert (state.scopes[PARIS].caller, state.errors) == ("arn:aws:iam::123456789012:user/bo", {})


def test_a_run_that_waits_for_nobody_ends_with_the_scope_in_error(at_simulator: SimulatedAws, start: Start) -> None:
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY, after=9)
    state = follow(start(RejectionPolicy.FAIL))
    assert state.errors[PARIS].problem is ScopeProblem.EXPIRED_CREDENTIALS
    assert state.findings == {}
    assert len([entry for entry in at_simulator.journal.entries if entry.status == 403]) < 60


def test_a_service_that_alone_does_not_take_them_is_unreadable_and_the_scope_goes_on(
    at_simulator: SimulatedAws, start: Start
) -> None:
    at_simulator.fault(FaultKind.EXPIRED, service="iam")
    state = follow(start())
    assert state.errors == {}
    assert {state.verdict(key).status for key in state.nodes} == {VerdictStatus.UNKNOWN}


@pytest.fixture
def portal(at_simulator: SimulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """Somebody who is logged in to IAM Identity Center."""
    at_simulator.load("healthy-small")
    at_simulator.give_key(SECOND)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    # The SDK looks where the home is when it is imported.
    folder = str(tmp_path / ".aws" / "sso" / "cache")
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", folder)
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", folder)
    profile_of_portal(tmp_path, "123456789012", "first")
    with sso_portal() as portal:
        portal.keys["first"] = CALLER_ACCESS_KEY
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSO", portal.url)
        yield portal


def test_a_login_that_has_ended_is_offered_again_and_taken_up_when_it_is_made(
    at_simulator: SimulatedAws, portal: Portal, tmp_path: Path
) -> None:
    asked = DiagnosisRequest((PROFILE,), endpoint_url=at_simulator.endpoint_url, on_rejection=RejectionPolicy.WAIT)
    live = LiveDiagnosis.start(asked)
    try:
        state = follow(live)
        assert all_ok(state)
        portal.keys = {"second": SECOND}
        at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
        live.refresh()
        told_until(live, state, ScopeFailed)
        told_until(live, state, AllSettled)
        [error] = state.errors.values()
        assert error.login == ("aws", "sso", "login", "--profile", PROFILE)
        stand_in = stand_in_aws(tmp_path, tmp_path, "second")
        subprocess.run([stand_in.with_name("aws"), *error.login[1:]], check=True)
        follow(live, state)
        assert (state.errors, all_ok(state)) == ({}, True)
    finally:
        live.close()


def test_what_a_program_hands_out_anew_is_taken_up(
    at_simulator: SimulatedAws, write_keys: Write, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, program, config = tmp_path / "key", tmp_path / "hand-out", tmp_path / "config"
    key.write_text(CALLER_ACCESS_KEY)
    program.write_text(
        f"#!{sys.executable}\nimport json, pathlib\n"
        f"key = pathlib.Path({str(key)!r}).read_text()\n"
        "print(json.dumps(dict(Version=1, AccessKeyId=key, SecretAccessKey='s', SessionToken='t')))\n"
    )
    program.chmod(0o755)
    config.write_text(f"[default]\ncredential_process = {program}\n")
    (tmp_path / "credentials").unlink()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    live = start()
    state = follow(live)
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
    key.write_text(SECOND)
    live.refresh()
    told: list[Event] = []
    follow(live, state, lambda _, event: told.append(event))
    assert not any(isinstance(event, ScopeFailed) for event in told)
    assert (state.errors, all_ok(state)) == ({}, True)


def test_who_writes_is_lent_others_where_aws_did_not_take_those(
    at_simulator: SimulatedAws, write_keys: Write, start: Start
) -> None:
    live = start()
    follow(live)
    lent = live.credentials(PARIS).result(timeout=60)
    assert live.credentials(PARIS, lent).result(timeout=60) == lent
    at_simulator.fault(FaultKind.EXPIRED, access_key=CALLER_ACCESS_KEY)
    with pytest.raises(CredentialsUnavailable, match="expired"):
        live.credentials(PARIS, lent).result(timeout=60)
    write_keys(SECOND)
    live.retry()
    told_until(live, FleetState(), ScopeOpened)
    assert live.credentials(PARIS, lent).result(timeout=60).access_key == SECOND

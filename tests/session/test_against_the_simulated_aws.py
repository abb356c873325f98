"""Sessions of the simulated AWS: opened with the least policy, left open by who is killed, ended by who comes next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.cli.policy_actions import actions_for
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.scope import Scope, ScopeName, SharedCredentials
from ssmtui.model.sessions import SessionRequest
from ssmtui.report.policy import PolicyTarget, Purpose, policy_document
from ssmtui.session.calls import SessionRefused
from ssmtui.session.client import SessionClient
from ssmtui.session.opener import may_ask_for_access
from ssmtui.session.session_service import open_sessions
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import InlinePolicy
from ssmtui.simulator.worlds import world
from tests.builders.fleet import ACCOUNT, a_scope
from tests.simulated_aws import aws as simulated
from tests.simulated_aws import simulated_aws
from tests.simulator.clients import administrator

__all__ = ["simulated", "simulated_aws"]

WORLD = "log-group-unreadable"


def holder_of(aws: SimulatedAws) -> SharedCredentials:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return SharedCredentials(*(aws.environment.get(name, "") for name in names))


def a_node(aws: SimulatedAws) -> str:
    """A node that sessions can be opened to."""
    found = administrator(aws, "ssm").describe_instance_information()["InstanceInformationList"]
    return str(next(each["InstanceId"] for each in found if each["PingStatus"] == "Online"))


def load_with_least(aws: SimulatedAws, *without: str) -> None:
    """A caller who may open sessions, but for some actions, and nothing else."""
    target = PolicyTarget(ACCOUNT, ("eu-west-3",), "aws")
    policy = json.loads(json.dumps(policy_document(actions_for([Purpose.SESSIONS]), target)))
    statements = tuple(each for each in policy["Statement"] if not set(without) & set(each["Action"]))
    scenario = world(WORLD)
    own = InlinePolicy("sessions", statements)
    aws.load(replace(scenario, caller=replace(scenario.caller, managed=(), inline=(own,))))


@pytest.fixture
def least(simulated: SimulatedAws) -> SimulatedAws:
    """A caller who may open sessions, and nothing else."""
    load_with_least(simulated)
    return simulated


@pytest.fixture
def calls(least: SimulatedAws) -> SessionClient:
    return SessionClient(ClientAccess(None, "eu-west-3", least.endpoint_url), lambda: holder_of(least))


def test_the_least_policy_opens_carries_on_and_ends_a_session(least: SimulatedAws, calls: SessionClient) -> None:
    opened = calls.start(SessionRequest(a_scope(), a_node(least), reason="ticket 4711"))
    assert [each.session_id for each in least.active_sessions] == [opened.id]
    again = calls.resume(opened.id)
    assert (again.id, bool(again.token), again.token != opened.token) == (opened.id, True, True)
    calls.terminate(opened.id)
    calls.terminate(opened.id)
    assert least.active_sessions == ()
    assert calls.resume(opened.id).token == ""


def test_the_least_policy_makes_the_data_key_of_a_session(least: SimulatedAws, calls: SessionClient) -> None:
    key = administrator(least, "kms").create_key()["KeyMetadata"]["Arn"]
    made = calls.data_key(key, {"aws:ssm:SessionId": "alex-1", "aws:ssm:TargetId": a_node(least)})
    assert len(made.plaintext) == 64
    read_back = administrator(least, "kms").decrypt(
        CiphertextBlob=made.ciphertext,
        EncryptionContext={"aws:ssm:SessionId": "alex-1", "aws:ssm:TargetId": a_node(least)},
    )
    assert read_back["Plaintext"] == made.plaintext


def test_the_least_policy_ends_no_session_of_somebody_else(least: SimulatedAws, calls: SessionClient) -> None:
    theirs = administrator(least, "ssm").start_session(Target=a_node(least))["SessionId"]
    with pytest.raises(SessionRefused):
        calls.terminate(theirs)
    assert [each.session_id for each in least.active_sessions] == [theirs]


def test_who_may_only_ask_for_access_asks_and_opens_a_session_with_it(simulated: SimulatedAws, tmp_path: Path) -> None:
    load_with_least(simulated, "ssm:StartSession")
    own = holder_of(simulated)
    desk = open_sessions(
        tmp_path,
        lend=lambda _: lent(own.access_key, own.secret_key, str(own.token)),
        endpoint_url=simulated.endpoint_url,
    )
    request = SessionRequest(a_scope(), a_node(simulated), reason="ticket 4711")
    try:
        with pytest.raises(SessionRefused) as refused:
            desk.start(request).result()
        assert may_ask_for_access(refused.value)
        access = desk.ask_access(request).result()
        opened = desk.start_with_access(request, access).result()
        (session,) = simulated.active_sessions
        assert (session.session_id, session.reason) == (opened.id, "ticket 4711")
        assert access in session.owner
    finally:
        desk.close()
    assert not simulated.active_sessions


KILLED = """
import sys
from concurrent.futures import Future
from pathlib import Path
from ssmtui.model.sessions import SessionRequest
from ssmtui.session.session_service import open_sessions
from tests.builders.fleet import a_scope
from tests.session.test_against_the_simulated_aws import lent
folder, endpoint, node, *keys = sys.argv[1:]
desk = open_sessions(Path(folder), lend=lambda _: lent(*keys), endpoint_url=endpoint)
for _ in range(3):
    desk.start(SessionRequest(a_scope(), node)).result()
print("opened", flush=True)
sys.stdin.read()
desk.close()
"""


def lent(*keys: str) -> Future[SharedCredentials]:
    future: Future[SharedCredentials] = Future()
    future.set_result(SharedCredentials(*keys))
    return future


@pytest.fixture
def opening(simulated: SimulatedAws, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, with three sessions open."""
    simulated.load(WORLD)
    own = holder_of(simulated)
    line = (str(tmp_path), simulated.endpoint_url, a_node(simulated), own.access_key, own.secret_key, str(own.token))
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, *line],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **simulated.environment},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "opened\n"
        yield process


def test_the_next_start_ends_what_a_killed_one_left_open(
    simulated: SimulatedAws, opening: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=("eu-west-3",), endpoint_url=simulated.endpoint_url))
    desk = open_sessions(tmp_path, lend=live.credentials, endpoint_url=simulated.endpoint_url)
    try:
        (scope,) = follow(live).scopes.values()
        assert desk.end_leftovers(scope).result() == ""  # it lives
        assert len(simulated.active_sessions) == 3
        opening.send_signal(signal.SIGKILL)
        opening.wait()
        told = desk.end_leftovers(scope).result()
    finally:
        desk.close()
        live.close()
    assert told.startswith("An earlier ssmtui process left 3 sessions open")
    assert not simulated.active_sessions


def test_who_leaves_in_order_leaves_nothing_open(simulated: SimulatedAws, opening: subprocess.Popen[str]) -> None:
    opening.communicate()
    assert simulated.active_sessions == ()


def test_closing_ends_sessions_even_when_whoever_lent_the_credentials_is_gone(
    simulated: SimulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated.load(WORLD)
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    live = LiveDiagnosis.start(DiagnosisRequest(regions=("eu-west-3",), endpoint_url=simulated.endpoint_url))
    desk = open_sessions(tmp_path, lend=live.credentials, endpoint_url=simulated.endpoint_url)
    try:
        scopes: dict[ScopeName, Scope] = dict(follow(live).scopes)
        (scope,) = scopes.values()
        desk.start(SessionRequest(scope, a_node(simulated))).result()
    finally:
        live.close()
    assert len(simulated.active_sessions) == 1
    desk.close()
    assert not simulated.active_sessions

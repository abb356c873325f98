from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.sessions import SessionPurpose
from ssmtui.session.session_registry import RegistryUnusable, SessionRegistry
from tests.builders.fleet import a_scope
from tests.session.opened import NODE, REQUEST

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPENS_ONE = """
import sys
from pathlib import Path
from ssmtui.model.sessions import SessionPurpose
from ssmtui.session.session_registry import SessionRegistry
from tests.session.opened import REQUEST
ledger = SessionRegistry(Path(sys.argv[1]))
ledger.opened("alex-theirs", REQUEST, SessionPurpose.PROBE, None)
print("opened", flush=True)
sys.stdin.read()
"""


def opens_one(folder: Path) -> subprocess.Popen[str]:
    """Another process, which has opened a session and lives until its input ends."""
    other = subprocess.Popen(
        [sys.executable, "-c", OPENS_ONE, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "opened\n"
    return other


def kill(other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGKILL)
    other.communicate()


def test_a_session_is_left_open_once_its_process_was_killed_and_not_while_it_lives(tmp_path: Path) -> None:
    other = opens_one(tmp_path)
    try:
        assert SessionRegistry(tmp_path).left_open() == ()
    finally:
        kill(other)
    (left,) = SessionRegistry(tmp_path).left_open()
    assert (left.id, left.target, left.pid, left.purpose) == ("alex-theirs", NODE, other.pid, SessionPurpose.PROBE)


def test_a_number_given_to_another_process_does_not_hide_what_was_left_open(tmp_path: Path) -> None:
    other = opens_one(tmp_path)
    kill(other)
    file = tmp_path / "sessions.jsonl"
    told = json.loads(file.read_text())
    file.write_text(json.dumps({**told, "pid": 1}) + "\n")
    assert [each.id for each in SessionRegistry(tmp_path).left_open()] == ["alex-theirs"]


def test_what_was_ended_is_not_left_open(tmp_path: Path) -> None:
    kill(opens_one(tmp_path))
    SessionRegistry(tmp_path).ended("alex-theirs")
    assert SessionRegistry(tmp_path).left_open() == ()


def test_a_process_does_not_take_its_own_sessions_for_leftovers(tmp_path: Path) -> None:
    registry = SessionRegistry(tmp_path)
    registry.opened("alex-1", REQUEST, SessionPurpose.SHELL, None)
    assert registry.left_open() == SessionRegistry(tmp_path).left_open() == ()
    registry.close()
    assert [each.id for each in SessionRegistry(tmp_path).left_open()] == ["alex-1"]


def test_an_entry_says_as_whom_and_where_and_nothing_secret(tmp_path: Path) -> None:
    registry = SessionRegistry(tmp_path, now=lambda: NOON)
    entry = registry.opened("alex-1", REQUEST, SessionPurpose.TUNNEL, "http://127.0.0.1:5000")
    registry.ended("alex-1")
    first, second = map(json.loads, registry.file.read_text().splitlines())
    assert first == {
        "schema": "ssmtui.sessions/1",
        "state": "opened",
        "id": "alex-1",
        "profile": None,
        "region": "eu-west-3",
        "account": "123456789012",
        "endpoint_url": "http://127.0.0.1:5000",
        "target": NODE,
        "purpose": "tunnel",
        "at": "2026-11-24T12:00:00+00:00",
        "pid": entry.pid,
        "run": entry.run,
        "role": None,
    }
    assert second == {
        "schema": "ssmtui.sessions/1",
        "state": "ended",
        "id": "alex-1",
        "at": "2026-11-24T12:00:00+00:00",
    }


def test_a_session_is_of_the_scope_that_it_was_opened_in_and_of_no_other(tmp_path: Path) -> None:
    entry = SessionRegistry(tmp_path).opened("alex-1", REQUEST, SessionPurpose.SHELL, None)
    assert entry.is_of(a_scope(), None)
    assert not entry.is_of(a_scope(), "http://127.0.0.1:5000")
    assert not entry.is_of(a_scope("us-east-1"), None)
    assert not entry.is_of(a_scope(profile="prod"), None)


def test_a_session_that_was_opened_in_a_role_is_of_that_role_alone(tmp_path: Path) -> None:
    here = a_scope()
    in_role = replace(here, name=replace(here.name, role="arn:aws:iam::123456789012:role/Audit"))
    registry = SessionRegistry(tmp_path)
    entry = registry.opened("alex-1", replace(REQUEST, scope=in_role), SessionPurpose.SHELL, None)
    assert entry.is_of(in_role, None)
    assert not entry.is_of(here, None)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    registry = SessionRegistry(tmp_path / "journal")
    registry.opened("alex-1", REQUEST, SessionPurpose.SHELL, None)
    assert stat.S_IMODE(registry.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(registry.file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((registry.file.parent / "running").stat().st_mode) == 0o700


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert SessionRegistry(tmp_path / "journal").left_open() == ()
    assert not (tmp_path / "journal").exists()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    registry = SessionRegistry(tmp_path / "journal")
    registry.file.parent.mkdir()
    registry.file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RegistryUnusable, match="cannot be written"):
        registry.opened("alex-1", REQUEST, SessionPurpose.SHELL, None)
    assert not (tmp_path / "elsewhere").exists()


def test_a_ledger_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    registry = SessionRegistry(tmp_path)
    registry.file.mkdir()
    with pytest.raises(RegistryUnusable, match="cannot be read"):
        registry.left_open()


@pytest.mark.parametrize("kept", [1, 40, -2])
def test_a_torn_line_loses_no_other(tmp_path: Path, kept: int) -> None:
    kill(opens_one(tmp_path))
    file = tmp_path / "sessions.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:kept])
    SessionRegistry(tmp_path).ended("alex-unknown")
    assert [each.id for each in SessionRegistry(tmp_path).left_open()] == ["alex-theirs"]


def test_only_what_is_recent_is_read(tmp_path: Path) -> None:
    kill(opens_one(tmp_path))
    registry = SessionRegistry(tmp_path)
    with registry.file.open("ab") as file:
        file.write(b'{"schema": "ssmtui.sessions/1", "state": "ended", "id": "of old"}\n' * 20_000)
    assert registry.left_open() == ()


@pytest.mark.long
@given(
    st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(
        lambda data: json.dumps(
            {"schema": "ssmtui.sessions/1", "state": "opened", "id": data, "at": data, "purpose": data}
        ).encode()
    )
)
def test_any_line_is_an_entry_or_passed_over(tmp_path_factory: pytest.TempPathFactory, line: bytes) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    registry = SessionRegistry(folder)
    registry.file.write_bytes(line + b"\n")
    assert registry.left_open() == ()

"""Credentials come from the person's own files and programs: whatever is wrong with these, a scope says it in words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.scopes import open_scope
from ssmtui.evidence.aws.sdk import Timeouts
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from tests.evidence.aws.test_scopes import use_files

pytestmark = pytest.mark.usefixtures("keys")

SECRET = "kept-to-itself"
WHOLE: dict[str, Any] = {
    "Version": 1,
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "SecretAccessKey": SECRET,
    "SessionToken": SECRET,
    "Expiration": "2999-01-01T00:00:00Z",
}
STRANGE: tuple[object, ...] = (None, 7, True, ["x"], {"x": 1}, "", "é", "a\nb", "\ud800")
STILL_CREDENTIALS = {("SessionToken", None), ("SessionToken", ""), ("Expiration", None)}
"""Members that may be left out."""

NO_ANSWER = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "no UTF-8": b"\xe9\xff",
    "no UTF-8 within": b'{"Version": 1, "AccessKeyId": "\xe9", "SecretAccessKey": "s"}',
    "nested deeply": b"[" * 100_000,
    "prose": b"Enter the code: ",
}


def strange_members() -> Iterator[dict[str, Any]]:
    for member in WHOLE:
        for value in STRANGE:
            is_one = member == "Version" and value is True
            if not is_one and not any((member, value) == each for each in STILL_CREDENTIALS):
                yield {**WHOLE, member: value}


async def told(name: str = "p") -> ScopeError:
    clients = Clients(ClientSettings(endpoint_url="http://127.0.0.1:1", timeouts=Timeouts(attempts=1)))
    try:
        error = await open_scope(clients, ScopeName(name, "eu-west-3"))
    finally:
        await clients.close()
    assert isinstance(error, ScopeError)
    return error


def answered_by(monkeypatch: pytest.MonkeyPatch, folder: Path, answer: bytes) -> None:
    (folder / "answer").write_bytes(answer)
    program = f"cat {shlex.quote(str(folder / 'answer'))}"
    use_files(monkeypatch, folder, f"[profile p]\ncredential_process = {program}\n")


@pytest.mark.parametrize("answer", NO_ANSWER.values(), ids=NO_ANSWER)
async def test_a_program_that_gives_no_credentials_is_told_of(
    answer: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answered_by(monkeypatch, tmp_path, answer)
    error = await told()
    assert (error.problem, error.cause) == (ScopeProblem.NO_CREDENTIALS, "caller-credentials")
    assert "the source of the credentials" in error.message
    assert error.advice == "For details, run: aws sts get-caller-identity --profile p"


@pytest.mark.heavy
async def test_whatever_member_of_a_programs_answer_is_strange_it_is_told_of_and_no_secret_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answered_by(monkeypatch, tmp_path, b"")
    for answer in strange_members():
        (tmp_path / "answer").write_text(json.dumps(answer))
        error = await told()
        assert error.problem in {ScopeProblem.NO_CREDENTIALS, ScopeProblem.EXPIRED_CREDENTIALS}, answer
        assert SECRET not in error.message, answer


async def test_credentials_that_have_expired_when_they_are_given_are_told_to_have(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answered_by(monkeypatch, tmp_path, json.dumps({**WHOLE, "Expiration": "2001-01-01T00:00:00Z"}).encode())
    assert (await told()).message == (
        "Could not identify the caller: the source of the credentials returned expired credentials."
    )


WRITTEN = {
    "an open quotation": 'credential_process = program "of mine',
    "no program": "credential_process =",
    "a program that is not there": "credential_process = /nowhere/program",
    "a token that is not there": "web_identity_token_file = /nowhere/token\nrole_arn = arn:aws:iam::1:role/x",
    "a circle": "role_arn = arn:aws:iam::1:role/x\nsource_profile = p",
    "nobody's profile": "role_arn = arn:aws:iam::1:role/x\nsource_profile = nobody",
    "no source": "role_arn = arn:aws:iam::1:role/x\ncredential_source = Nowhere",
    "no duration": "role_arn = x\nduration_seconds = soon\nsource_profile = other",
    "no text": "aws_access_key_id = é\naws_secret_access_key = x",
    "no timeout": "metadata_service_timeout = soon",
}


@pytest.mark.parametrize("settings", WRITTEN.values(), ids=WRITTEN)
async def test_settings_that_lead_to_no_credentials_are_told_of(
    settings: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    others = "[profile other]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n"
    use_files(monkeypatch, tmp_path, f"[profile p]\n{settings}\n{others}")
    assert (await told()).problem is ScopeProblem.NO_CREDENTIALS


async def test_a_file_that_cannot_be_read_is_told_of_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_files(monkeypatch, tmp_path, "")
    (tmp_path / "config").write_bytes(b"\xff\xfe[default]")
    error = await told()
    assert error.problem is ScopeProblem.NO_CREDENTIALS
    assert str(tmp_path / "config") in error.message

"""A part of `make writes`: some operations by every way, and the plans' writers."""

from __future__ import annotations

import os

import pytest

from tools.trust.writes.clients import try_plans, try_reader, try_session_client, try_writer


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "canary")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)


def test_the_reader_sends_what_readers_declare_and_nothing_else() -> None:
    told = try_reader(("iam", "s3", "ssm"), 80)
    assert told.lost == []
    assert told.tried["declared"] >= 30


def test_the_writer_and_the_client_of_sessions_send_what_is_on_their_lists_and_nothing_else() -> None:
    assert [*try_writer(300).lost, *try_session_client(80).lost] == []


def test_a_plan_s_writer_makes_its_call_and_no_other() -> None:
    assert try_plans().lost == []

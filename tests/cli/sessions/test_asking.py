"""What a custom document asks of whoever opens a session by it."""

from __future__ import annotations

from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.sessions.test_connecting import Connect, connect, id_of

__all__ = ["connect"]

NEEDED = "the document Acme-Chosen has required parameters: --parameter group=…"


def test_what_a_document_asks_for_is_said_where_nobody_can_be_asked(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("documents-by-name")
    told = connect.piped("web-1", "--document-name", "Acme-Chosen")
    assert told.returncode == 2
    assert NEEDED in told.stderr.decode()
    assert connect.asked("StartSession") == []


def test_what_a_document_does_not_take_is_said_before_aws_is_asked(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("documents-by-name")
    told = connect.piped("web-1", "--document-name", "Acme-Chosen", "--parameter", "grup=/acme/sessions")
    assert told.returncode == 2
    assert "the document has no parameter grup; it has: key, group." in told.stderr.decode()
    assert connect.asked("StartSession") == []


def test_what_a_document_asks_for_is_asked_for_with_its_own_words(aws: SimulatedAws, connect: Connect) -> None:
    aws.load("documents-by-name")
    node = id_of(aws, "web-1")
    shown = connect.on_terminal("web-1", "--document-name", "Acme-Chosen")
    shown.wait_for(b"group: Where to.")
    shown.type(b"/acme/sessions\r")
    shown.wait_for(b"ready")
    shown.type(b"exit\r")
    shown.end()
    assert connect.asked("StartSession") == [
        {"Target": node, "DocumentName": "Acme-Chosen", "Parameters": {"group": ["/acme/sessions"]}}
    ]

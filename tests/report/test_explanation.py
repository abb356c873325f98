from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match
from ssmtui.report.explanation import NOT_KNOWN, explanation_document, explanation_lines

MATCHES = (
    Match("log-group-unencrypted", 0.6, {"region": "eu-west-3", "session_id": "jane-0a1b2c3d4e5f67890"}),
    Match("log-group-unreadable", 0.5, {"region": "eu-west-3"}),
    Match("log-endpoint-missing", 0.2, {}),
)


def told(*matches: Match) -> list[str]:
    return list(explanation_lines(matches, catalogue()))


def test_the_document_is_the_one_that_scripts_rely_on() -> None:
    assert explanation_document(MATCHES[:1]) == {
        "schema": "ssmtui.explain/1",
        "matches": [
            {
                "cause": "log-group-unencrypted",
                "likelihood": 0.6,
                "true_here": None,
                "fields": {"region": "eu-west-3", "session_id": "jane-0a1b2c3d4e5f67890"},
            }
        ],
    }
    assert explanation_document(()) == {"schema": "ssmtui.explain/1", "matches": []}


def test_causes_come_first_then_what_the_text_told_then_the_resolutions() -> None:
    lines = told(*MATCHES)
    titles = {slug: catalogue()[slug].title for slug in catalogue()}
    assert lines[:8] == [
        f" 60%  log-group-unencrypted: {titles['log-group-unencrypted']}",
        f" 50%  log-group-unreadable: {titles['log-group-unreadable']}",
        f" 20%  log-endpoint-missing: {titles['log-endpoint-missing']}",
        "The text alone does not settle it. With --node NODE the checks that would are run.",
        "",
        "  region      eu-west-3",
        "  session id  jane-0a1b2c3d4e5f67890",
        "",
    ]
    headings = [line for line in lines if line.startswith("── ")]
    assert [line.split()[1] for line in headings] == ["log-group-unencrypted:", "log-group-unreadable:"]
    assert any(line.startswith("AWS: ") and "https://docs.aws.amazon.com/" in line for line in lines)


def test_what_is_sure_or_was_looked_at_is_not_said_to_be_open() -> None:
    assert not any("--node" in line for line in told(Match("plugin-missing", 0.9, {})))
    looked_at = explanation_lines(MATCHES, catalogue(), {"log-group-unencrypted": True})
    assert not any("--node NODE" in line for line in looked_at)


def test_what_is_not_known_is_said_to_be_so() -> None:
    assert told() == [NOT_KNOWN]


@given(st.text())
def test_nothing_in_a_text_reaches_the_terminal_as_it_is(value: str) -> None:
    for line in told(Match("ssh-tail", 0.3, {"session_id": value})):
        assert line.isprintable() or not any(character in line for character in "\x1b\n\r\u202e")

from __future__ import annotations

from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match
from ssmtui.model.access_denied import (
    AuthorizationDetails,
    Denial,
    EvaluatedPolicy,
    Evaluation,
    EvaluationEffect,
    LookedUp,
    MatchedStatement,
)
from ssmtui.report.catalogue import NOT_KNOWN, WHAT_NEXT, explanation_document, explanation_lines
from ssmtui.report.schema import Schema
from tests.report.schemas import hold

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
        "denials": [],
    }
    hold(explanation_document(MATCHES), Schema.EXPLAIN)
    assert explanation_document(()) == {"schema": "ssmtui.explain/1", "matches": [], "denials": []}


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
    assert told() == [NOT_KNOWN, WHAT_NEXT]


REFUSED = Denial(
    "ssm:StartSession",
    "arn:aws:ec2:eu-west-3:123456789012:instance/i-0a",
    kind="service control policy",
    explicit=True,
    policy="arn:aws:organizations::9:policy/o-1/service_control_policy/p-1",
    authorization_id="b5m5v5taprqh3yoluoo4dyw0w",
    region="eu-west-3",
)


def test_a_refusal_tells_its_policy_and_what_would_tell_more() -> None:
    looked_up = LookedUp(REFUSED, why_not="no credentials", needs="iam:GetRequestAuthorizationDetails")
    assert list(explanation_lines((), catalogue(), None, (looked_up,))) == [
        NOT_KNOWN,
        WHAT_NEXT,
        "",
        "What the refusal says of itself",
        "  ssm:StartSession on arn:aws:ec2:eu-west-3:123456789012:instance/i-0a was denied explicitly (service control "
        "policy arn:aws:organizations::9:policy/o-1/service_control_policy/p-1)",
        "    iam:GetRequestAuthorizationDetails would tell which statement it was: authorization id "
        "b5m5v5taprqh3yoluoo4dyw0w",
        "    no credentials",
    ]
    document = explanation_document((), None, (looked_up,))
    hold(document, Schema.EXPLAIN)
    (entry,) = cast("list[dict[str, object]]", document["denials"])
    assert (entry["confidence"], entry["source"], entry["region"]) == ("likely", "text", "eu-west-3")
    assert (entry["statements"], entry["needs"]) == ([], ["iam:GetRequestAuthorizationDetails"])


@given(st.text())
def test_nothing_that_aws_tells_of_a_refusal_reaches_the_terminal_as_it_is(value: str) -> None:
    statement = MatchedStatement(value, denies=True)
    policy = EvaluatedPolicy(value, value, inline=False, attached_to=(value,), matched=(statement,))
    details = AuthorizationDetails((Evaluation(value, value, EvaluationEffect.EXPLICIT_DENY, (policy,)),), 1)
    for looked_up in (LookedUp(REFUSED, details), LookedUp(replace(REFUSED, resource=value), why_not=value)):
        lines = "".join(explanation_lines((), catalogue(), None, (looked_up,)))
        assert not any(character in lines for character in "\x1b\n\r\u202e")


@given(st.text())
def test_nothing_in_a_text_reaches_the_terminal_as_it_is(value: str) -> None:
    for line in told(Match("ssh-tail", 0.3, {"session_id": value})):
        assert line.isprintable() or not any(character in line for character in "\x1b\n\r\u202e")

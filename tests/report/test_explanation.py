from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match
from ssmtui.causes.placeholders import cause_with_names
from ssmtui.diagnosis.explanation import PossibleCause
from ssmtui.model.access_denied import (
    AuthorizationDetails,
    Denial,
    EvaluatedPolicy,
    Evaluation,
    EvaluationEffect,
    LookedUp,
    MatchedStatement,
)
from ssmtui.report.catalogue import (
    NOT_KNOWN,
    WHAT_NEXT,
    Explanation,
    cause_lines,
    explanation_document,
    explanation_lines,
)
from ssmtui.report.schema import Schema
from tests.report.schemas import hold

MATCHES = (
    Match("log-group-unencrypted", 0.6, {"region": "eu-west-3", "session_id": "jane-0a1b2c3d4e5f67890"}),
    Match("log-group-unreadable", 0.5, {"region": "eu-west-3"}),
    Match("log-endpoint-missing", 0.2, {}),
)


def possible(*matches: Match, **here: bool | None) -> Mapping[str, PossibleCause]:
    return {each.cause: PossibleCause(each, here.get(each.cause.replace("-", "_"))) for each in matches}


def told(*matches: Match, looked_up: Sequence[LookedUp] = ()) -> list[str]:
    return list(explanation_lines(Explanation(possible(*matches), looked_up, more="ssmtui explain CAUSE"), catalogue()))


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


def test_causes_come_first_then_what_the_text_told_then_the_first_cause_in_full_and_how_to_see_the_others() -> None:
    lines = told(*MATCHES)
    titles = {slug: catalogue()[slug].title for slug in catalogue()}
    assert lines == [
        "This text can have several causes; check, in this order:",
        f" 60%  log-group-unencrypted: {titles['log-group-unencrypted']}",
        f" 50%  log-group-unreadable: {titles['log-group-unreadable']}",
        f" 20%  log-endpoint-missing: {titles['log-endpoint-missing']}",
        "The text alone does not determine the cause. Use --node NODE to run the relevant checks.",
        "",
        "  region      eu-west-3",
        "  session id  jane-0a1b2c3d4e5f67890",
        "",
        *cause_lines(catalogue()["log-group-unencrypted"]),
        "",
        "More: ssmtui explain CAUSE",
    ]


def test_of_a_checked_node_each_cause_says_whether_it_is_true_and_the_first_has_its_names() -> None:
    first, second, third = MATCHES
    ranked = possible(second, third, first, log_group_unreadable=True, log_group_unencrypted=False)
    names = {"ROLE_NAME": "web"}
    explanation = Explanation(ranked, (), True, names, "ssmtui explain --node web-1 CAUSE")
    lines = list(explanation_lines(explanation, catalogue()))
    titles = {slug: catalogue()[slug].title for slug in catalogue()}
    page = cause_lines(cause_with_names(catalogue()["log-group-unreadable"], names))
    assert lines == [
        "✖ true here",
        f" 50%  log-group-unreadable: {titles['log-group-unreadable']}",
        "? unknown",
        f" 20%  log-endpoint-missing: {titles['log-endpoint-missing']}",
        "● not found here",
        f" 60%  log-group-unencrypted: {titles['log-group-unencrypted']}",
        "",
        "  region      eu-west-3",
        "  session id  jane-0a1b2c3d4e5f67890",
        "",
        *page,
        "",
        "More: ssmtui explain --node web-1 CAUSE",
    ]


def test_a_cause_that_only_the_checks_found_has_no_percentage_and_is_a_key_of_its_own() -> None:
    ranked = {"egress-blocked": PossibleCause(Match("egress-blocked", 0.0, {}), here=True), **possible(MATCHES[0])}
    here, first, *_ = explanation_lines(Explanation(ranked, checked=True), catalogue())
    assert (here, first) == ("✖ true here", f"      egress-blocked: {catalogue()['egress-blocked'].title}")
    document = explanation_document(MATCHES[:1], ranked)
    hold(document, Schema.EXPLAIN)
    assert document["also_here"] == ["egress-blocked"]
    assert document["order"] == ["egress-blocked", "log-group-unencrypted"], "as in the lines"
    assert [each["cause"] for each in cast("list[dict[str, object]]", document["matches"])] == ["log-group-unencrypted"]


def test_one_likely_cause_needs_no_node_and_no_other_command() -> None:
    lines = told(Match("plugin-missing", 0.9, {}))
    assert not any("--node" in line or line.startswith("More:") for line in lines)


def test_the_normal_end_of_a_session_is_no_error() -> None:
    assert list(explanation_lines(Explanation({}, ended_normally=True), catalogue())) == [
        "This text says that a session ended normally. It is not an error.",
        "If each session ends at once: ssmtui explain session-terminated",
    ]


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
    assert told(looked_up=(looked_up,)) == [
        NOT_KNOWN,
        WHAT_NEXT,
        "",
        "Details of the denial",
        "  ssm:StartSession on arn:aws:ec2:eu-west-3:123456789012:instance/i-0a was explicitly denied (service control "
        "policy arn:aws:organizations::9:policy/o-1/service_control_policy/p-1)",
        "    iam:GetRequestAuthorizationDetails would show the denying statement: authorization ID "
        "b5m5v5taprqh3yoluoo4dyw0w",
        "    no credentials",
    ]
    document = explanation_document((), looked_up=(looked_up,))
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
        lines = "".join(told(looked_up=(looked_up,)))
        assert not any(character in lines for character in "\x1b\n\r\u202e")


@given(st.text())
def test_nothing_in_a_text_reaches_the_terminal_as_it_is(value: str) -> None:
    for line in told(Match("ssh-tail", 0.3, {"session_id": value})):
        assert line.isprintable() or not any(character in line for character in "\x1b\n\r\u202e")

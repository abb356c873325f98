"""Answers of AWS taken apart: what is malformed names its call and its member, and never tells what AWS said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ssmtui.evidence.aws.reader_api import Answer, MalformedAnswer
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.node import PingStatus

CALL = "ec2:DescribeInstances"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def answer(**members: object) -> Answer:
    return Answer(CALL, members)


def said(take: Callable[[], object]) -> str:
    """What is said of the answer where it is taken apart."""
    with pytest.raises(MalformedAnswer) as raised:
        take()
    return str(raised.value)


def test_members_of_their_documented_types_are_what_they_are() -> None:
    told = answer(
        Name="web",
        Empty="",
        Port=-1,
        On=False,
        At=NOON,
        Ping="Online",
        Ids=["a", "b"],
        Tags={"team": "red"},
        Text='{"role": {"arn": "arn:x"}}',
        Policy={"Statement": []},
        Role="arn:aws:iam::123456789012:role/web",
    )
    assert told.arn("Role") == "arn:aws:iam::123456789012:role/web"
    assert (told.text("Name"), told.text("Empty"), told.number("Port"), told.flag("On")) == ("web", "", -1, False)
    assert (told.moment("At"), told.word("Ping", PingStatus)) == (NOON, PingStatus.ONLINE)
    assert (told.texts("Ids"), told.named_texts("Tags")) == (("a", "b"), {"team": "red"})
    assert told.json_part("Text").part("role").text("arn") == "arn:x"
    assert (told.document("Policy"), told.document("Name")) == ({"Statement": []}, "web")


@pytest.mark.parametrize("none", [{}, {"X": None}])
def test_a_member_that_may_be_absent_is_none_or_empty_where_it_is(none: dict[str, object]) -> None:
    told = answer(**none)
    assert (told.has("X"), told.optional_text("X"), told.optional_number("X")) == (False, None, None)
    assert (told.optional_flag("X"), told.optional_moment("X")) == (None, None)
    assert (told.optional_parts("X"), told.optional_texts("X")) == ((), ())
    assert (told.optional_part("X").is_empty, told.optional_part("X").optional_text("Y")) == (True, None)


def test_an_optional_text_that_is_empty_is_none() -> None:
    assert answer(X="").optional_text("X") is None


@pytest.mark.parametrize("none", [{}, {"X": None}])
@pytest.mark.parametrize(
    "take", ["text", "number", "flag", "moment", "part", "parts", "texts", "json_part", "document"]
)
def test_a_member_that_must_be_there_is_missing(take: str, none: dict[str, object]) -> None:
    assert said(lambda: getattr(answer(**none), take)("X")) == f"{CALL}: X is missing"


@pytest.mark.parametrize(
    ("take", "wrong", "words"),
    [
        ("text", 1, "X is not a text"),
        ("optional_text", ["a"], "X is not a text"),
        ("arn", "alias/sessions", "X is not an ARN"),
        ("arn", "arn:aws:kms", "X is not an ARN"),
        ("number", "1", "X is not an integer"),
        ("number", True, "X is not an integer"),
        ("optional_number", 1.5, "X is not an integer"),
        ("flag", "true", "X is neither true nor false"),
        ("optional_flag", 0, "X is neither true nor false"),
        ("moment", "2026-11-24", "X is not a time"),
        ("optional_moment", datetime(2026, 11, 24, 12), "X is not a time"),
        ("part", "x", "X is not a structure"),
        ("optional_part", [], "X is not a structure"),
        ("parts", {"a": 1}, "X is not a list"),
        ("parts", [{}, "x"], "X[1] is not a structure"),
        ("optional_parts", "x", "X is not a list"),
        ("texts", "ab", "X is not a list"),
        ("texts", ["a", None], "X[1] is not a text"),
        ("named_texts", {"team": 1}, "X contains values that are not texts"),
        ("json_part", "{", "X is not a JSON object"),
        ("json_part", "[]", "X is not a JSON object"),
        ("json_part", "[" * 100_000, "X is nested too deeply"),
        ("document", [], "X is not a text"),
    ],
)
def test_a_member_of_another_type_is_malformed(take: str, wrong: object, words: str) -> None:
    assert said(lambda: getattr(answer(X=wrong), take)("X")) == f"{CALL}: {words}"


def test_a_word_that_is_not_documented_is_malformed() -> None:
    assert said(lambda: answer(X="Asleep").word("X", PingStatus)) == f"{CALL}: X has an undocumented value"


@pytest.mark.parametrize("whole", [None, [], "garbage", 1])
def test_an_answer_that_is_no_structure_is_malformed(whole: object) -> None:
    assert said(lambda: Answer(CALL, whole)) == f"{CALL}: the response is not a structure"


def test_a_member_deep_within_is_named_by_the_whole_way_to_it() -> None:
    told = answer(Reservations=[{"Instances": [{}, {"Placement": {"Text": '{"role": 1}'}}]}])
    instance = told.parts("Reservations")[0].parts("Instances")[1]
    way = "Reservations[0].Instances[1]"
    assert said(lambda: instance.text("InstanceId")) == f"{CALL}: {way}.InstanceId is missing"
    placement = instance.part("Placement")
    assert said(lambda: placement.json_part("Text").text("role")) == f"{CALL}: {way}.Placement.Text.role is not a text"


def test_what_stands_for_a_malformed_answer_names_call_and_member_and_nothing_that_aws_said() -> None:
    with pytest.raises(MalformedAnswer) as raised:
        answer(InstanceId=["a secret"]).text("InstanceId")
    why = f"the response to {CALL} does not have its documented format: InstanceId is not a text"
    assert raised.value.unreadable == Unreadable("", why, ReadFailure.MALFORMED, CALL)
    assert raised.value.unreadable.source == CALL

"""The rules and the classifier together: which of them decides, and when there is no answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.descriptions import match_description
from ssmtui.causes.matching import Match, match_text
from ssmtui.causes.ranking import match_paste
from ssmtui.causes.text_classifier import Classification

CAUSES = tuple(catalogue().values())
FULL, ABSENT = "root-volume-full", "agent-absent"
CERTAIN = "Unable to start shell: failed to start pty since RunAs user jane does not exist"
OPEN = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0a1b2c3d is not connected."
DESCRIPTION = "The disk is full, and Session Manager cannot connect."
MORE = " This is a sentence about another thing." * 4
ENDED = "Exiting session with sessionId: jane-0a1b2c3d4e5f67890."
UNKNOWN = "The frobnicator of the session hums."


def words(about_a_failure: float, **odds: float) -> Callable[[str], Classification]:
    """A classifier that says the same of each text; causes that are not named are unlikely."""
    named = {slug.replace("_", "-"): each for slug, each in odds.items()}
    return lambda _: Classification(about_a_failure, {cause.slug: named.get(cause.slug, -8.0) for cause in CAUSES})


def test_a_certain_error_text_is_not_asked_about_twice() -> None:
    assert match_paste(CERTAIN, CAUSES, words(-20, root_volume_full=20)) == match_text(CERTAIN, CAUSES) != ()


def test_the_words_order_the_causes_that_an_error_leaves_open_and_make_none_surer() -> None:
    alone = match_text(OPEN, CAUSES)
    ranked = match_paste(OPEN, CAUSES, words(5, agent_absent=4, root_volume_full=2))
    assert [match.cause for match in ranked[:2]] == [ABSENT, FULL]
    assert {match.cause for match in ranked} == {match.cause for match in alone} | {FULL}
    assert {match.likelihood for match in ranked[:2]} == {alone[0].likelihood}
    assert all(match.fields.items() >= {"instance_id": "i-0a1b2c3d"}.items() for match in ranked)


def test_the_likelihood_of_causes_falls_along_the_list() -> None:
    ranked = match_paste(OPEN, CAUSES, words(5, agent_absent=0, instance_profile_missing=-1))
    assert [match.likelihood for match in ranked] == sorted((match.likelihood for match in ranked), reverse=True)
    assert min(match.likelihood for match in ranked) > 0


@pytest.mark.parametrize(
    ("text", "about_a_failure", "absent", "first"),
    [
        (UNKNOWN, 3, 1, ABSENT),
        (UNKNOWN, 0, 1, None),
        (DESCRIPTION, 2, -7, FULL),
        (DESCRIPTION, 0, 1, ABSENT),
        (DESCRIPTION, -9, -7, FULL),
        (f"{DESCRIPTION}{MORE}", -9, 1, None),
        (ENDED, 9, 1, None),
        (f"{DESCRIPTION}{MORE}\n{ENDED}", -9, -7, FULL),
    ],
)
def test_a_text_has_an_answer_if_rules_and_words_together_say_that_a_session_fails(
    text: str, about_a_failure: float, absent: float, first: str | None
) -> None:
    ranked = match_paste(text, CAUSES, words(about_a_failure, agent_absent=absent))
    assert next((match.cause for match in ranked), None) == first


def test_if_no_cause_is_likely_three_are_named() -> None:
    unsure = words(9, agent_absent=-2, root_volume_full=-3, worker_crashed=-4, throttled=-5)
    assert [match.cause for match in match_paste(UNKNOWN, CAUSES, unsure)] == [ABSENT, FULL, "worker-crashed"]


def test_words_alone_are_never_certain() -> None:
    assert match_paste(UNKNOWN, CAUSES, words(9, agent_absent=9)) == (Match(ABSENT, 0.9, {}),)


def test_a_known_error_alone_needs_no_more_signs_of_a_session() -> None:
    about_something_else = words(-9, agent_absent=1)
    assert match_paste(OPEN, CAUSES, about_something_else) != ()
    assert match_paste(f"{OPEN}{MORE}", CAUSES, about_something_else) == ()


def test_a_log_is_left_to_the_rules() -> None:
    text = f"{OPEN}\n" * 100
    assert match_paste(text, CAUSES, words(9, root_volume_full=9)) == match_text(text, CAUSES) != ()


def test_a_cause_that_is_newer_than_the_weights_is_found_by_its_rules() -> None:
    def untrained(_: str) -> Classification:
        return Classification(3.0, {ABSENT: -8.0})

    assert match_paste(DESCRIPTION, CAUSES, untrained)[0].cause == FULL
    assert match_description(DESCRIPTION, CAUSES)[0].cause == FULL

"""Sessions that one owner holds on a node: a crowd is told, a person's few are not."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.checks.instance import sessions_are_ended
from ssmtui.evidence.readers.node_observations import crowded_sessions
from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.sessions import ActiveSession, ActiveSessions, CrowdedSessions
from tests.builders.fleet import ACCOUNT, NOON
from tests.checks.agent.nodes import managed
from tests.checks.outcome import Said, said

PIPELINE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Pipeline/botocore-session-1761240839"
JANE = f"arn:aws:sts::{ACCOUNT}:assumed-role/Engineer/jane"
NODE = managed()


def sessions(owner: str, count: int, target: str = NODE.node.id) -> tuple[ActiveSession, ...]:
    return tuple(
        ActiveSession(f"{owner[-4:]}-{number:02}", target, owner, NOON + timedelta(minutes=number))
        for number in range(count)
    )


def test_the_owner_with_the_most_sessions_is_told_where_they_are_a_crowd() -> None:
    active = ActiveSessions((*sessions(JANE, 3), *sessions(PIPELINE, 12)))
    crowded = crowded_sessions(NODE, active)
    assert isinstance(crowded, CrowdedSessions)
    assert (crowded.owner_name, len(crowded.sessions)) == ("Pipeline/botocore-session-1761240839", 12)
    (finding,) = sessions_are_ended(NODE, crowded)
    assert "Pipeline/botocore-session-1761240839 holds 12 sessions" in finding.summary
    assert said((finding,)) == [
        Said("sessions-left-open", Status.WARN, Confidence.POSSIBLE, NODE.node.id, ("steps-end-sessions",))
    ]


def test_many_owners_with_a_few_sessions_each_are_no_crowd() -> None:
    some = tuple(each for number in range(4) for each in sessions(f"{JANE}{number}", 9))
    assert isinstance(crowded_sessions(NODE, ActiveSessions(some)), NotApplicable)


def test_sessions_on_other_nodes_do_not_count() -> None:
    elsewhere = sessions(PIPELINE, 9) + sessions(PIPELINE, 9, "i-0000000000000002b")
    assert isinstance(crowded_sessions(NODE, ActiveSessions(elsewhere)), NotApplicable)


def test_a_node_without_a_crowd_is_without_a_fault() -> None:
    assert sessions_are_ended(NODE, NotApplicable("nobody holds 10 sessions on the node")) == ()

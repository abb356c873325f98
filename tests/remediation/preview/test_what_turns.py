from __future__ import annotations

from dataclasses import replace

from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import Forecast, Plan, Reach
from ssmtui.remediation.preview import NodeChange, NodeChangeGroup, node_changes, reach_text
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle


def a_plan(reach: Reach, seen: int | None, kind: SubjectKind = SubjectKind.SUBNET) -> Plan:
    return replace(bucket_toggle(FakeAws([ON])), reach=reach, nodes_reached=seen, subject=Subject(kind, "it"))


def test_one_node_is_told_in_the_singular_and_several_in_the_plural() -> None:
    one, two = ("i-1",), ("i-1", "i-2")
    assert node_changes(Forecast(one, one, one, one, (), one)) == (
        NodeChangeGroup(NodeChange.GREEN, "1 node turns green", one),
        NodeChangeGroup(NodeChange.AWAITED, "1 node is red only until SSM Agent is back", one),
        NodeChangeGroup(NodeChange.WARN, "1 node turns to a warning", one),
        NodeChangeGroup(NodeChange.WORSE, "1 node turns worse", one),
        NodeChangeGroup(NodeChange.RED, "1 node stays red for another reason", one),
    )
    assert [each.sentence for each in node_changes(Forecast(two, two, two, two, (), two))] == [
        "2 nodes turn green",
        "2 nodes are red only until SSM Agent is back",
        "2 nodes turn to a warning",
        "2 nodes turn worse",
        "2 nodes stay red for another reason",
    ]


def test_its_nodes_follow_a_sentence_by_their_names() -> None:
    (told,) = node_changes(Forecast(("i-1",), (), (), (), ()))
    assert told.of("web-1") == "1 node turns green: web-1"


def test_nothing_is_said_of_what_becomes_of_nobody() -> None:
    assert node_changes(Forecast((), (), (), (), ("s3-logs-lost@arn",))) == ()


def test_a_reach_is_told_with_the_nodes_that_are_seen_and_the_principals() -> None:
    assert reach_text(a_plan(Reach.NODE, 1)) == "one node"
    assert reach_text(a_plan(Reach.SUBJECT, 1)) == "every node of one subject (1 node is seen)"
    assert reach_text(a_plan(Reach.SUBJECT, 9)) == "every node of one subject (9 nodes are seen)"
    assert reach_text(a_plan(Reach.SUBJECT, 9, SubjectKind.ROLE)) == (
        "one role, and every node that uses it (9 nodes are seen)"
    )
    assert reach_text(a_plan(Reach.REGION, 1)) == "every node and user of the Region (1 node is seen)"


def test_a_reach_that_nobody_counted_is_told_without_a_number() -> None:
    assert reach_text(a_plan(Reach.REGION, None)) == "every node and user of the Region"
    assert reach_text(a_plan(Reach.SUBJECT, None)) == "every node of one subject"

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
        NodeChangeGroup(NodeChange.GREEN, "1 node changes to ok", one),
        NodeChangeGroup(NodeChange.AWAITED, "1 node fails only until SSM Agent reconnects", one),
        NodeChangeGroup(NodeChange.WARN, "1 node changes to a warning", one),
        NodeChangeGroup(NodeChange.WORSE, "1 node gets worse", one),
        NodeChangeGroup(NodeChange.RED, "1 node still fails for another reason", one),
    )
    assert [each.sentence for each in node_changes(Forecast(two, two, two, two, (), two))] == [
        "2 nodes change to ok",
        "2 nodes fail only until SSM Agent reconnects",
        "2 nodes change to a warning",
        "2 nodes get worse",
        "2 nodes still fail for another reason",
    ]


def test_its_nodes_follow_a_sentence_by_their_names() -> None:
    (told,) = node_changes(Forecast(("i-1",), (), (), (), ()))
    assert told.of("web-1") == "1 node changes to ok: web-1"


def test_nothing_is_said_of_what_becomes_of_nobody() -> None:
    assert node_changes(Forecast((), (), (), (), ("s3-logs-lost@arn",))) == ()


def test_a_reach_is_told_with_the_nodes_that_are_seen_and_the_principals() -> None:
    assert reach_text(a_plan(Reach.NODE, 1)) == "one node"
    assert reach_text(a_plan(Reach.SUBJECT, 1)) == "all nodes of one resource (1 known node)"
    assert reach_text(a_plan(Reach.SUBJECT, 9)) == "all nodes of one resource (9 known nodes)"
    assert reach_text(a_plan(Reach.SUBJECT, 9, SubjectKind.ROLE)) == (
        "one role and all nodes that use it (9 known nodes)"
    )
    assert reach_text(a_plan(Reach.REGION, 1)) == "all nodes and users of the Region (1 known node)"


def test_a_reach_that_nobody_counted_is_told_without_a_number() -> None:
    assert reach_text(a_plan(Reach.REGION, None)) == "all nodes and users of the Region"
    assert reach_text(a_plan(Reach.SUBJECT, None)) == "all nodes of one resource"

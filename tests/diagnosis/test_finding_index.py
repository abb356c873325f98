from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone, VerdictChanged
from ssmtui.diagnosis.finding_index import FindingIndex, findings_by_id
from ssmtui.diagnosis.finding_publisher import FindingPublisher
from ssmtui.diagnosis.verdicts import Outcome
from ssmtui.model.finding import (
    Confidence,
    Finding,
    FleetFinding,
    Link,
    LinkState,
    Status,
    Verdict,
    VerdictStatus,
)
from ssmtui.model.node import Node, NodeKey
from tests.builders.fleet import REGION, a_finding, a_node, a_scope
from tests.evidence.fake_aws import FakeAws

ONE, TWO = a_node("i-1"), a_node("i-2")
DENIED = a_finding("kms-node-denied")
DENIED_ID = "kms-node-denied@arn:aws:iam::123456789012:role/web@eu-west-3"


def held(*findings: Finding) -> list[tuple[Link, Finding]]:
    return [(Link.PREFERENCES, finding) for finding in findings]


def test_one_finding_gathers_the_nodes_it_holds_down() -> None:
    finding_index = FindingIndex(a_scope())
    finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION))
    finding_index.record(TWO.key, findings_by_id(held(DENIED), REGION))
    [(id_, finding)] = finding_index.changes()
    assert id_ == DENIED_ID
    assert finding is not None
    assert finding.nodes == {ONE.key, TWO.key}
    assert finding == finding_index.finding(DENIED_ID)


def test_recording_the_same_again_changes_nothing() -> None:
    finding_index = FindingIndex(a_scope())
    finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION))
    finding_index.changes()
    finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION))
    assert finding_index.changes() == ()


def test_finding_is_gone_with_its_last_node() -> None:
    finding_index = FindingIndex(a_scope())
    finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION))
    finding_index.record(TWO.key, findings_by_id(held(DENIED), REGION))
    finding_index.changes()
    finding_index.record(ONE.key, {})
    [(_, left)] = finding_index.changes()
    assert left is not None
    assert left.nodes == {TWO.key}
    finding_index.drop(TWO.key)
    assert finding_index.changes() == ((DENIED_ID, None),)
    assert finding_index.finding(DENIED_ID) is None


def test_same_finding_with_other_evidence_is_a_change() -> None:
    finding_index = FindingIndex(a_scope())
    finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION))
    finding_index.changes()
    finding_index.record(
        ONE.key, findings_by_id(held(a_finding("kms-node-denied", needs=("kms:GetKeyPolicy",))), REGION)
    )
    [(_, finding)] = finding_index.changes()
    assert finding is not None
    assert finding.finding.needs == ("kms:GetKeyPolicy",)


def test_a_finding_is_told_as_the_worst_of_what_its_nodes_hold() -> None:
    finding_index = FindingIndex(a_scope())
    finding_index.record(ONE.key, findings_by_id(held(a_finding("kms-node-denied", Status.WARN)), REGION))
    finding_index.record(TWO.key, findings_by_id(held(DENIED), REGION))
    [(_, told)] = finding_index.changes()
    assert told is not None
    assert (told.finding.status, told.nodes) == (Status.FAIL, frozenset({ONE.key, TWO.key}))
    finding_index.record(TWO.key, {})
    [(_, told)] = finding_index.changes()
    assert told is not None
    assert (told.finding.status, told.nodes) == (Status.WARN, frozenset({ONE.key}))


def test_what_is_told_does_not_depend_on_the_order_of_nodes() -> None:
    likely, proved = (a_finding(confidence=each) for each in (Confidence.LIKELY, Confidence.PROVED))
    told = []
    for order in ([(ONE, likely), (TWO, proved)], [(TWO, proved), (ONE, likely)]):
        finding_index = FindingIndex(a_scope())
        for node, finding in order:
            finding_index.record(node.key, findings_by_id(held(finding), REGION))
        told.append(finding_index.finding(DENIED_ID))
    assert told[0] == told[1]


def test_a_finding_is_news_once_until_it_is_gone() -> None:
    finding_index = FindingIndex(a_scope())
    finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION))
    assert [told.id for told in finding_index.news()] == [DENIED_ID]
    finding_index.record(TWO.key, findings_by_id(held(DENIED), REGION))
    assert finding_index.news() == ()
    assert [id_ for id_, _ in finding_index.changes()] == [DENIED_ID]
    finding_index.drop(ONE.key)
    finding_index.drop(TWO.key)
    assert finding_index.changes() == ((DENIED_ID, None),)
    finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION))
    assert [told.id for told in finding_index.news()] == [DENIED_ID]


NODES = (ONE, TWO, a_node("i-3"))
CAUSES = ("kms-node-denied", "role-core-denied")
UNSURE = a_finding("kms-node-denied", Status.UNKNOWN)
UNSURE_ID = f"{DENIED_ID}@unknown"


def published(order: Sequence[tuple[Node, Finding | None]]) -> tuple[dict[str, tuple[Status, frozenset[NodeKey]]], ...]:
    """The findings by ID after each of these results of nodes."""
    finding_index, told = FindingIndex(a_scope()), []
    for node, finding in order:
        finding_index.record(node.key, findings_by_id(held(*([finding] if finding else [])), REGION))
        told.append({each.id: (each.finding.status, each.nodes) for each in finding_index.findings()})
    return tuple(told)


def test_an_unknown_result_is_not_merged_into_the_failure_of_another_node() -> None:
    apart = {
        DENIED_ID: (Status.FAIL, frozenset({ONE.key})),
        UNSURE_ID: (Status.UNKNOWN, frozenset({TWO.key})),
    }
    assert published([(ONE, DENIED), (TWO, UNSURE)])[-1] == apart
    alone, both, left, none = published([(TWO, UNSURE), (ONE, DENIED), (ONE, None), (TWO, None)])
    assert alone == left == {DENIED_ID: (Status.UNKNOWN, frozenset({TWO.key}))}
    assert (both, none) == (apart, {})


def test_nodes_whose_unknown_result_gets_an_id_of_its_own_are_told() -> None:
    finding_index = FindingIndex(a_scope())
    assert not finding_index.record(TWO.key, findings_by_id(held(UNSURE), REGION))
    finding_index.changes()
    assert finding_index.ids_of(TWO.key, (DENIED_ID,)) == (DENIED_ID,)
    assert finding_index.record(ONE.key, findings_by_id(held(DENIED), REGION)) == {TWO.key}
    assert [each.id for each in finding_index.news()] == [UNSURE_ID]
    assert finding_index.ids_of(TWO.key, (DENIED_ID,)) == (UNSURE_ID,)
    assert finding_index.ids_of(ONE.key, (DENIED_ID,)) == (DENIED_ID,)
    assert [id_ for id_, _ in finding_index.changes()] == [DENIED_ID, UNSURE_ID]
    assert finding_index.drop(ONE.key) == {TWO.key}
    assert [(id_, told is None) for id_, told in finding_index.changes()] == [(DENIED_ID, False), (UNSURE_ID, True)]


class QuietAws(FakeAws):
    """AWS of which nobody asks anything."""

    throttled = False
    waiting_for: tuple[str, ...] = ()

    async def let_go(self) -> None:
        """Nothing is open."""


class Published:
    """The findings and the IDs in the verdicts, by what a publisher has told."""

    def __init__(self) -> None:
        self.ids: dict[NodeKey, tuple[str, ...]] = {}
        self.findings: dict[str, FleetFinding] = {}
        self.publisher = FindingPublisher(a_scope(), self._take)

    def record(self, node: Node, *statuses: Status | None) -> None:
        """A result of a node: a finding of each cause with its status, or without one."""
        found = [a_finding(cause, status) for cause, status in zip(CAUSES, statuses, strict=False) if status]
        by_id = findings_by_id(held(*found), REGION)
        links = tuple(LinkState.OK for _ in Link)
        ids = tuple(sorted(by_id))
        verdict = Verdict(VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None, ids, links, settled=True)
        self.publisher.record(node.key, Outcome(verdict, by_id, complete=True))

    def drop(self, node: Node) -> None:
        if node.key in self.ids:
            self.publisher.drop(node.key)
            del self.ids[node.key]

    def tell(self) -> None:
        self.publisher.publish_progress(QuietAws(), listed=0, listing=False, to_observe=0)

    def _take(self, event: Event) -> None:
        match event:
            case FindingChanged(finding):
                self.findings[finding.id] = finding
            case FindingGone(id_):
                self.findings.pop(id_, None)
            case VerdictChanged(key, verdict):
                self.ids[key] = verdict.finding_ids
                assert self.findings.keys() >= set(verdict.finding_ids)
            case _:
                pass


def test_the_verdict_of_an_unknown_node_names_its_unknown_finding() -> None:
    told = Published()
    told.record(TWO, Status.UNKNOWN)
    assert told.ids == {TWO.key: (DENIED_ID,)}
    told.record(ONE, Status.FAIL)
    assert told.ids == {ONE.key: (DENIED_ID,), TWO.key: (UNSURE_ID,)}
    told.drop(ONE)
    assert told.ids == {TWO.key: (DENIED_ID,)}


STATUSES = st.sampled_from((None, Status.FAIL, Status.UNKNOWN, Status.WARN))


@given(
    st.lists(st.tuples(st.sampled_from(NODES), st.none() | st.tuples(STATUSES, STATUSES), st.booleans()), max_size=10)
)
def test_findings_and_verdicts_name_each_other_whatever_changes(
    changes: list[tuple[Node, tuple[Status | None, Status | None] | None, bool]],
) -> None:
    told, unknown = Published(), dict[NodeKey, set[str]]()
    for node, statuses, tells in changes:
        if statuses is None:
            told.drop(node)
        else:
            told.record(node, *statuses)
            found = zip(CAUSES, statuses, strict=True)
            unknown[node.key] = {cause for cause, status in found if status is Status.UNKNOWN}
        if tells:
            told.tell()
    told.tell()
    assert told.findings == {each.id: each for each in told.publisher.findings()}
    for key, ids in told.ids.items():
        assert set(ids) == {id_ for id_, finding in told.findings.items() if key in finding.nodes}
        named = [told.findings[id_].finding for id_ in ids]
        assert {each.cause for each in named if each.status is Status.UNKNOWN} >= unknown[key]

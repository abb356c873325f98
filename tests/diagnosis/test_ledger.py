from __future__ import annotations

from ssmtui.diagnosis.finding_index import FindingIndex, findings_by_id
from ssmtui.model.finding import Confidence, Finding, Link, Status
from tests.builders.fleet import REGION, a_finding, a_node, a_scope

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

from __future__ import annotations

import pytest

from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.model.node_order import NodeOrder, root_finding

KEY, GROUP, OTHER = "kms-node-denied@role/web@eu-west-3", "egress-blocked@sg-1", "agent-absent@i-9"
FLEET = (
    ("ok-1", VerdictStatus.OK, None, ()),
    ("stopped-1", VerdictStatus.STOPPED, None, (KEY,)),
    ("unknown-1", VerdictStatus.UNKNOWN, None, (KEY,)),
    ("warn-1", VerdictStatus.WARN, None, ("agent-outdated@warn-1",)),
    ("fail-1", VerdictStatus.FAIL, "agent-absent", (OTHER,)),
    ("fail-2", VerdictStatus.FAIL, "kms-node-denied", (GROUP, KEY)),
    ("fail-3", VerdictStatus.FAIL, "egress-blocked", (GROUP, KEY)),
    ("fail-4", VerdictStatus.FAIL, "kms-node-denied", (KEY,)),
    ("fail-5", VerdictStatus.FAIL, None, ()),
)


def counted(*, without: tuple[str, ...] = ()) -> NodeOrder:
    order = NodeOrder()
    for _, status, root, ids in FLEET:
        order.count(status, root_finding(root, ids))
    for name, status, root, ids in FLEET:
        if name in without:
            order.count(status, root_finding(root, ids), by=-1)
    return order


@pytest.mark.parametrize(
    ("without", "names"),
    [
        (
            (),
            (
                *("fail-2", "fail-4", "fail-1", "fail-3", "fail-5"),
                *("warn-1", "unknown-1", "ok-1", "stopped-1"),
            ),
        ),
        (
            ("fail-2", "fail-4"),
            (*("fail-1", "fail-3", "fail-5"), *("warn-1", "unknown-1", "ok-1", "stopped-1")),
        ),
    ],
)
def test_the_root_cause_of_most_nodes_is_first_and_its_nodes_are_together(
    without: tuple[str, ...], names: tuple[str, ...]
) -> None:
    order = counted(without=without)
    rows = [
        (order.of_node(status, root_finding(root, ids)), name)
        for name, status, root, ids in FLEET
        if name not in without
    ]
    assert tuple(name for _, name in sorted(rows)) == names


def test_findings_are_ordered_by_the_nodes_that_fail_because_of_them_then_by_all_their_nodes() -> None:
    order = counted()
    findings = [
        (Status.INFO, "note@a", 9),
        (Status.UNKNOWN, "unread@a", 9),
        (Status.WARN, "agent-outdated@warn-1", 1),
        (Status.WARN, "cloudwatch-logs-lost@role/web", 2),
        (Status.FAIL, "never-a-root@a", 9),
        (Status.FAIL, GROUP, 2),
        (Status.FAIL, OTHER, 1),
        (Status.FAIL, KEY, 5),
    ]
    ranked = sorted(findings, key=lambda each: order.of_finding(*each))
    assert [id_ for _, id_, _ in ranked] == [
        *(KEY, GROUP, OTHER, "never-a-root@a"),
        *("cloudwatch-logs-lost@role/web", "agent-outdated@warn-1", "unread@a", "note@a"),
    ]


@pytest.mark.parametrize(
    ("root", "ids", "finding"),
    [
        (None, (KEY,), ""),
        ("kms-node-denied", (), ""),
        ("kms-node-denied", (GROUP, KEY), KEY),
        ("kms-node", (KEY,), ""),
        ("egress-blocked", ("egress-blocked@sg-1", "egress-blocked@sg-2"), "egress-blocked@sg-1"),
    ],
)
def test_root_finding(root: str | None, ids: tuple[str, ...], finding: str) -> None:
    assert root_finding(root, ids) == finding

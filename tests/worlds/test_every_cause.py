"""Every cause that a check can name is broken somewhere: in a world, or on a computer that sessions are opened from."""

from __future__ import annotations

from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.registry import all_checks
from ssmtui.simulator.worlds import names, world
from tests.workstations import workstations

TOLD_ELSEWHERE = {
    "agent-update-failed": "the world has no command of that kind: tests/diagnosis/test_deep_inspection.py sends it",
    "caller-preferences-denied": "a note on the preferences, and no node's: tests/worlds/test_judged_caller.py",
    "document-invalid": "of a document that sessions name: tests/worlds/test_session_document.py",
    "document-wrong-type": "of a document that sessions name: tests/worlds/test_session_document.py",
    "managed-node-quota": "takes a thousand nodes: tests/checks/agent/test_registration.py",
    "session-unexplained": "takes a probe: tests/diagnosis/test_probes.py",
    "preferences-absent": "a note on the preferences, and no node's: tests/remediation/apply/fix_cases.py",
}


def broken_somewhere() -> set[str]:
    """The causes that a world or a computer says must be told."""
    expected = [node.expected for name in names() for node in world(name).nodes]
    in_worlds = {cause for each in expected for cause in (each.cause, *each.also) if cause is not None}
    return in_worlds.union(*(station.expected for station in workstations()))


def test_every_cause_that_a_check_names_is_broken_in_a_world() -> None:
    named = {cause for check in all_checks() for cause in check.causes}
    assert named - broken_somewhere() == TOLD_ELSEWHERE.keys()


def test_a_world_breaks_what_is_a_cause() -> None:
    assert broken_somewhere() <= catalogue().keys()

"""Check the requirements for a run with a fault, in reports, under throttling and in the app."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.scope_request import DEFAULT_TIMEOUT
from ssmtui.simulator.request_control import FaultKind
from ssmtui.simulator.scenario import Verdict, fleet_expectation
from ssmtui.simulator.worlds import world
from tools.trust.faults.places import Kind, Place, Way
from tools.trust.faults.runs import Told

LATE = 5.0
"""Seconds by which a run can pass its deadline: results read so far are still judged."""

ENDS_IN = 2.0 + 1.0
"""Seconds in which a run ends after its last result.

A task that ignores its cancellation is awaited for two seconds at most (docs/architecture.md §10), and connections are
closed.
"""

READ_INSTEAD_OF = dict.fromkeys(
    (
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
    ),
    "iam:SimulatePrincipalPolicy",
)
"""The reads made instead of a refused call: only the refused call is named, as it would decide everything."""

CODES = frozenset({0, 3, 4})
"""Done, findings, undecided: no other exit code is allowed after a failing read."""

HAS_A_STAND_IN = frozenset({"iam:SimulatePrincipalPolicy", "s3:HeadBucket", "ssm:DescribeInstanceProperties"})
"""Reads with a substitute after a refusal: after another failure, more nodes can stay undecided."""

LAST_RESORTS = frozenset({"not-registered", "connection-lost", "control-channel-down"})
"""Findings about a node without sessions if no other finding explains it, even if its excuse cannot be read."""

SCOPES_IN_TURN = frozenset({Way.EVERY_REGION, Way.ORGANIZATION})
"""Ways that first list the scopes: the listing has the time limit of a Region, too."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An operation with one kind of failure, at one place."""

    operation: str
    kind: Kind
    place: Place

    def __str__(self) -> str:
        return f"{self.operation} {self.kind.name}, {self.place}"


def undetermined(told: Told, truth: Told) -> frozenset[str]:
    """Return the nodes of which less is known than without a failure."""
    before = _verdicts(truth)
    after = _verdicts(told)
    return frozenset(id_ for id_, verdict in before.items() if verdict != "unknown" and after.get(id_) != verdict)


def losses(cell: Cell, truth: Told, told: Told, refused: Collection[str] | None) -> Iterator[str]:
    """Yield what is wrong. `refused` are the nodes of which less is known if the same call is refused."""
    if told.crash:
        yield f"ends by a traceback: {told.crash.splitlines()[-1]}"
    if told.code not in CODES or "defect" in told.complaints:
        yield f"exit code {told.code}: {told.complaints.strip()[:300]}"
    given = DEFAULT_TIMEOUT * (2 if cell.place.way in SCOPES_IN_TURN else 1)
    if told.seconds > given + LATE:
        yield f"took {told.seconds:.0f} s of {given:.0f}"
    if told.ending > ENDS_IN:
        yield f"took {told.ending:.0f} s to end"
    yield from _false_words(cell, truth, told)
    less = undetermined(told, truth)
    if cell.kind.passes and less:
        yield f"{_named(truth, less)} told otherwise, though all was answered in the end: {_said(told, less)}"
    if refused is not None and less - set(refused) and cell.operation not in HAS_A_STAND_IN:
        further = less - set(refused)
        yield f"{_named(truth, further)} not determined, which a refusal does not hinder: {_said(told, further)}"


def _false_words(cell: Cell, truth: Told, told: Told) -> Iterator[str]:
    before, after = _verdicts(truth), _verdicts(told)
    expected = _expected(cell.place)
    names = {cell.operation, READ_INSTEAD_OF.get(cell.operation, ""), all_reads()[_operation(cell)]} - {""}
    errors = " ".join(str(scope["error"]) for scope in told.report.get("scopes", ()) if scope["error"])
    if cell.kind.fault is FaultKind.EXPIRED and errors:
        # After expired credentials, no call needs to be named.
        names |= {errors}
    for id_, verdict in after.items():
        name = str(told.nodes[id_]["name"])
        was = before.get(id_)
        unexcused = was == "warn" and verdict == "fail" and _unexcused(told, id_, names)
        if verdict not in {was, "unknown"} and not unexcused:
            yield f"{name} is {was} and told as {verdict}"
        if verdict == "fail" and expected.get(name) in {Verdict.OK, Verdict.WARN} and not unexcused:
            yield f"{name} is healthy and told to fail"
        if verdict in {"ok", "warn"} and expected.get(name) is Verdict.FAIL:
            yield f"{name} is broken and told to be {verdict}"
        if verdict == "unknown" != was and not (_names_call(told, id_, names) or any(each in errors for each in names)):
            yield f"{name} is unknown, and nothing names the call: {_said(told, (id_,))}"
    missing = before.keys() - after.keys()
    if missing and not any(each in errors + told.complaints for each in names):
        yield f"{_named(truth, missing)} missing, and nothing names the call: {errors} {told.complaints.strip()[:300]}"


def _operation(cell: Cell) -> tuple[str, str]:
    service, _, operation = cell.operation.partition(":")
    return service, operation


def _verdicts(told: Told) -> Mapping[str, str]:
    return {id_: str(node["verdict"]) for id_, node in told.nodes.items()}


def _expected(place: Place) -> Mapping[str, Verdict]:
    nodes = world(place.world).nodes
    seen = {node.name: node.expected if place.way is Way.NAMED else fleet_expectation(node) for node in nodes}
    return {name: expectation.verdict for name, expectation in seen.items()}


def _names_call(told: Told, id_: str, names: Collection[str]) -> bool:
    return any(_is_named(finding, names) for finding in _of_node(told, id_) if finding["status"] == "unknown")


def _unexcused(told: Told, id_: str, names: Collection[str]) -> bool:
    """Return whether a note names the failed call, and the node's root cause is a last resort."""
    note = any(_is_named(each, names) for each in _of_node(told, id_) if each["status"] == "info")
    return note and told.nodes[id_]["root_cause"] in LAST_RESORTS


def _is_named(finding: Mapping[str, Any], names: Collection[str]) -> bool:
    sources = {part for each in finding["evidence"] for part in str(each["source"]).split(", ")}
    return bool(set(names) & (sources | set(finding["needs"])))


def _of_node(told: Told, id_: str) -> list[Mapping[str, Any]]:
    return [told.findings[each] for each in told.nodes[id_]["findings"]] if id_ in told.nodes else []


def _named(told: Told, ids: Collection[str]) -> str:
    return ", ".join(sorted(str(told.nodes[id_]["name"]) for id_ in ids))


def _said(told: Told, ids: Collection[str]) -> list[str]:
    """Return the results for the nodes, in short form."""
    return sorted(
        {
            f"{finding['cause']} {finding['status']} by {[each['source'] for each in finding['evidence']]}"
            for id_ in ids
            for finding in _of_node(told, id_)
        }
    )[:3]

"""The report as text for people, the same in a terminal, a pipe and a ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ssmtui.causes.catalogue import Cause, slug_and_title, title_of
from ssmtui.causes.placeholders import cause_with_names, names_of_requested
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say, say_many
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import (
    GLYPHS,
    SERVICE_MANAGED,
    VERDICT_ORDER,
    Finding,
    FleetFinding,
    Status,
    VerdictStatus,
    count_with_status,
)
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.node_order import NodeRank, root_finding
from ssmtui.report.catalogue import text_lines
from ssmtui.report.format import Paint, Report, comparison_lines, report_format, workstation_problems
from ssmtui.report.model import scope_names
from ssmtui.report.text_layout import Column, folded, table_rows
from ssmtui.text.printable import printable

_NODES_NAMED = 6
_ACCOUNT = 3
"""The column to leave out if all nodes are in the same account."""


@report_format("table", reports_scope_errors=True, endings=(".txt",))
def table_lines(report: Report) -> Iterator[str]:
    """Yield the report: scopes, nodes (worst first), findings with their evidence and fixes.

    The reason why a scope is in error is shown with its resolution, once for all its scopes. If the requested nodes are
    not found, the report has no more. All lines fit the report's width.
    """
    for line in _lines(report):
        yield from folded(line, report.width)


def _lines(report: Report) -> Iterator[str]:
    state, paint = report.state, report.paint
    if not state.nodes and state.nowhere():
        return
    yield from _scope_lines(state, paint)
    yield from _hindrance_lines(report)
    yield from _computer_lines(report)
    if state.nodes:
        yield ""
        yield from _node_lines(report)
    shown = [held for held in state.findings.values() if held.nodes]
    if shown:
        yield ""
        yield from _finding_lines(report, shown)
    yield from _closer_look_lines(state)
    yield from comparison_lines(report.report_model)
    left_out = sorted({held.finding.cause for held in shown if held.finding.is_left_out})
    if left_out:
        yield ""
        told = say("Skipped by --only and --skip, so unknown: {causes}", causes=", ".join(left_out))
        yield paint(f"{GLYPHS[Status.UNKNOWN.value]} {told}", Status.UNKNOWN.value)
    yield ""
    yield summary_line(state)


def summary_line(state: FleetState) -> str:
    """Return the nodes by verdict in one line."""
    counts = state.counts()
    parts = [count_with_status(status, counts[status]) for status in VERDICT_ORDER if counts[status]]
    total = len(state.nodes)
    calls = sum(state.api_calls().values())
    return say_many(
        "{count} node: {verdicts} ({calls} API calls)",
        "{count} nodes: {verdicts} ({calls} API calls)",
        count=total,
        verdicts=", ".join(parts) or say("none"),
        calls=calls,
    )


def _scope_lines(state: FleetState, paint: Paint) -> Iterator[str]:
    for name in scope_names(state):
        scope, error = state.scopes.get(name), state.errors.get(name)
        whose = (scope.account, name.region, scope.caller) if scope else (name.region, name.role or "")
        words = [name.profile or "", *whose]
        yield "  ".join(printable(word) for word in words if word)
        if error:
            yield paint(f"  ? {printable(error.message)}", Status.UNKNOWN.value)
            yield f"    {printable(error.advice)}"


def _hindrance_lines(report: Report) -> Iterator[str]:
    named = dict.fromkeys(error.cause for error in report.state.errors.values())
    for cause in [known for slug in named if (known := report.causes.get(slug))]:
        yield ""
        yield f"── {cause.slug}: {cause.title}"
        asked = [error.name for error in report.state.errors.values() if error.cause == cause.slug]
        yield from text_lines(cause_with_names(cause, names_of_requested(asked)).how_to_resolve, report.width)


def _computer_lines(report: Report) -> Iterator[str]:
    """Yield the problems of this computer: no node's verdict includes them."""
    wrong = workstation_problems(report.report_model)
    if wrong:
        yield ""
    for status, cause in wrong:
        title = title_of(report.causes, cause)
        yield report.paint(f"{GLYPHS[status]} {say('This computer: ')}{title}", status)


def _node_lines(report: Report) -> Iterator[str]:
    state = report.state
    keys = sorted(state.nodes, key=lambda each: _rank(report, each))
    rows = [_cells(state, key, report.causes) for key in keys]
    shown = [place for place in range(len(rows[0])) if place != _ACCOUNT or len({key.account for key in keys}) > 1]
    columns = _columns()
    titles, *lines = table_rows(
        [columns[place] for place in shown], [[row[place] for place in shown] for row in rows], report.width
    )
    yield titles
    for key, line in zip(keys, lines, strict=True):
        yield report.paint(line, state.verdict(key).status.value)


def _columns() -> tuple[Column, ...]:
    return (
        Column(""),
        Column(say("node").upper()),
        Column(say("name").upper(), least=10),
        Column(say("account").upper(), yields=5),
        Column(say("region").upper(), yields=4),
        Column(say("state").upper(), yields=3),
        Column(say("ping").upper(), yields=2),
        Column(say("channel").upper(), yields=1),
        Column(say("why").upper(), least=28, likes=60),
    )


def _closer_look_lines(state: FleetState) -> Iterator[str]:
    """Yield the deep inspection of the named nodes, and its unreadable parts."""
    for key, looks in sorted(state.inspections.items(), key=lambda each: (each[0].region, each[0].id)):
        asked = [look for look in looks or () if not look.not_applicable]
        if key not in state.nodes or not asked:
            continue
        yield ""
        yield say("Deep inspection of {node}:", node=printable(state.nodes[key].name))
        for look in asked:
            found = say("could not be read") if look.unread is not None else look.found
            yield f"    {printable(look.what)}: {printable(found)} ({look.source})"
            if look.limits:
                yield f"        {printable(look.limits)}"


def _rank(report: Report, key: NodeKey) -> tuple[NodeRank, str, str, str]:
    verdict, name = report.state.verdict(key), report.state.nodes[key].name
    rank = report.order.of_node(verdict.status, root_finding(verdict.root_cause, verdict.finding_ids))
    return rank, key.account, key.region, name


def _cells(state: FleetState, key: NodeKey, causes: Mapping[str, Cause]) -> tuple[str, ...]:
    node = state.nodes[key]
    connection = state.connections.get(key)
    channel = "" if connection is None else "?" if isinstance(connection, Unreadable) else connection.value
    words = (
        node.id,
        node.name,
        key.account,
        key.region,
        node.state.value if node.state else node.cloud,
        node.ping.value if node.ping else "",
        channel,
        _why(state, node, causes),
    )
    return GLYPHS[state.verdict(key).status.value], *(printable(word) for word in words)


def _why(state: FleetState, node: Node, causes: Mapping[str, Cause]) -> str:
    verdict = state.verdict(node.key)
    if verdict.root_cause:
        return slug_and_title(causes, verdict.root_cause)
    if verdict.status is VerdictStatus.STOPPED:
        return ""
    if verdict.status is VerdictStatus.RESTRICTED:
        return slug_and_title(causes, SERVICE_MANAGED)
    told = [state.findings[id_].finding for id_ in verdict.finding_ids if id_ in state.findings]
    of_weight = [
        finding
        for status in (Status.UNKNOWN, Status.WARN)
        for finding in told
        if finding.status is status and not finding.is_about_workstation
    ]
    slugs = dict.fromkeys(finding.cause for finding in of_weight if not finding.is_left_out)
    left_out = (say("checks were skipped"),) if any(finding.is_left_out for finding in of_weight) else ()
    return ", ".join((*slugs, *left_out))


def _finding_lines(report: Report, shown: Sequence[FleetFinding]) -> Iterator[str]:
    state, causes, paint = report.state, report.causes, report.paint
    found = [each for each in shown if not each.finding.is_left_out]
    for held in sorted(found, key=lambda each: report.order.of_finding(each.finding.status, each.id, len(each.nodes))):
        finding = held.finding
        mark = GLYPHS[finding.status.value]
        told = f"{mark} {printable(held.id)}  ({say(finding.confidence.value)}){report.marks_of(held.id)}"
        yield paint(told, finding.status.value)
        yield f"    {printable(finding.summary)}"
        for each in finding.evidence:
            yield f"    {say('evidence')}: {printable(each.fact)}" + (
                f" ({printable(each.source)})" if each.source else ""
            )
        if finding.needs:
            yield f"    {say('needs')}: {', '.join(map(printable, finding.needs))}"
        for rank, fix in enumerate(finding.fixes, start=1):
            yield f"    {say('fix')} {rank}: {_fix_title(finding, fix, causes)}"
        yield f"    {say('nodes')}: {_named(state, held)}"


def _fix_title(finding: Finding, fix: str, causes: Mapping[str, Cause]) -> str:
    cause = causes.get(finding.cause)
    offer = next((each for each in cause.fixes if each.slug == fix), None) if cause else None
    return f"{offer.title} ({fix})" if offer else fix


def _named(state: FleetState, held: FleetFinding) -> str:
    names = sorted(printable(state.nodes[key].name) for key in held.nodes if key in state.nodes)
    more = len(names) - _NODES_NAMED
    return ", ".join(names[:_NODES_NAMED]) + (say(" and {more} more", more=more) if more > 0 else "")

"""Print the results of probes, and write them as JSON, `ssmtui.probe/1`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ssmtui import __version__
from ssmtui.analysis.probe_results import describe_probe
from ssmtui.causes.catalogue import Cause, slug_and_title
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say, translatable
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import JSON
from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageResult, StageState
from ssmtui.report.format import Paint
from ssmtui.report.model import report_finding, report_node
from ssmtui.report.report_json import part_to_json
from ssmtui.session.probe.conclusions import Comparison
from ssmtui.text.printable import printable
from ssmtui.text.times import utc_text

SCHEMA = "ssmtui.probe/1"

_MARKS = {StageState.UNDER_WAY: "…", StageState.PASSED: "●", StageState.SKIPPED: "·", StageState.STOPPED: "✖"}
KINDS = {ProbeKind.SHELL: translatable("shell"), ProbeKind.PORT: translatable("port")}


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The probes in the requested order, their combined findings, and the resulting verdicts of the nodes."""

    outcomes: Sequence[ProbeOutcome]
    compared: Mapping[NodeKey, Comparison]
    state: FleetState


def probing_document(probe_report: ProbeReport, generated_at: datetime) -> Mapping[str, JSON]:
    """Return the whole document: the probes, and the nodes and findings as in the report."""
    state = probe_report.state
    keys = {outcome.node for outcome in probe_report.outcomes}
    in_order = sorted(keys, key=lambda each: (each.id, each.region))
    held = [each for _, each in sorted(state.findings.items()) if not keys.isdisjoint(each.nodes)]
    return {
        "schema": SCHEMA,
        "ssmtui": __version__,
        "generated_at": utc_text(generated_at),
        "probes": [_probe(each) for each in probe_report.outcomes],
        "conclusions": [
            {"node": key.id, "region": key.region, "conclusion": each.conclusion.value, "words": each.words}
            for key, each in sorted(probe_report.compared.items(), key=lambda pair: (pair[0].id, pair[0].region))
        ],
        "nodes": [part_to_json(report_node(state, key)) for key in in_order],
        "findings": [part_to_json(report_finding(each)) for each in held],
    }


def probing_lines(probe_report: ProbeReport, causes: Mapping[str, Cause], paint: Paint) -> Iterator[str]:
    """Yield the lines about the probes: each with its stages, its result, and the fixes."""
    for outcome in probe_report.outcomes:
        yield from _outcome_lines(probe_report.state, outcome, paint)
        yield ""
    for key, comparison in probe_report.compared.items():
        yield f"{_name(probe_report.state, key)}: {comparison.words}"
    if probe_report.compared:
        yield ""
    for key in dict.fromkeys(outcome.node for outcome in probe_report.outcomes):
        yield from _verdict_lines(probe_report.state, key, causes, paint)


def stage_words(told: StageResult) -> str:
    """Return a stage in a few words: mark, name and duration."""
    seconds = f" {told.seconds:.1f} s" if told.state in {StageState.PASSED, StageState.STOPPED} else ""
    words = f" ({told.words})" if told.words else ""
    return f"{_MARKS[told.state]} {say(told.stage.value)}{seconds}{words}"


def _outcome_lines(state: FleetState, outcome: ProbeOutcome, paint: Paint) -> Iterator[str]:
    met = describe_probe(outcome)
    colour = "ok" if outcome.opened else "fail"
    yield paint(f"{_name(state, outcome.node)} ({say(KINDS[outcome.kind])}): {printable(met)}", colour)
    for told in outcome.stages:
        yield f"    {stage_words(told)}"
    if outcome.agent_version:
        yield f"    {say('SSM Agent {version}', version=printable(outcome.agent_version))}"
    if outcome.session_id and not outcome.terminated:
        yield "    " + say(
            "Could not end the session {id}; AWS ends it after the idle timeout.", id=printable(outcome.session_id)
        )


def _verdict_lines(state: FleetState, key: NodeKey, causes: Mapping[str, Cause], paint: Paint) -> Iterator[str]:
    verdict = state.verdict(key)
    why = ""
    if verdict.root_cause:
        why = f": {slug_and_title(causes, verdict.root_cause)}"
    line = f"{_name(state, key)}: {say(verdict.status.value)} ({say(verdict.confidence.value)}){why}"
    yield paint(line, verdict.status.value)
    for id_ in verdict.finding_ids:
        held = state.findings.get(id_)
        if held is None or held.finding.cause != verdict.root_cause:
            continue
        yield f"    {printable(held.finding.summary)}"
        for rank, fix in enumerate(held.finding.fixes, start=1):
            offer = known.offer(fix) if (known := causes.get(held.finding.cause)) else None
            yield f"    {say('fix')} {rank}: " + (f"{offer.title} ({fix})" if offer else fix)


def _probe(outcome: ProbeOutcome) -> JSON:
    return {
        "node": outcome.node.id,
        "account": outcome.node.account,
        "region": outcome.node.region,
        "kind": outcome.kind.value,
        "at": utc_text(outcome.at),
        "end": outcome.end.value,
        "stage": outcome.stopped_at.name.lower() if outcome.stopped_at else None,
        "text": outcome.text,
        "cause": outcome.cause,
        "also": list(outcome.also),
        "agent_version": outcome.agent_version or None,
        "session": outcome.session_id or None,
        "terminated": outcome.terminated,
        "stages": [
            {"stage": each.stage.name.lower(), "state": each.state.value, "seconds": round(each.seconds, 3)}
            for each in outcome.stages
        ],
    }


def _name(state: FleetState, key: NodeKey) -> str:
    node = state.nodes.get(key)
    return printable(node.name if node is not None else key.id)

"""Export a plan as a change request in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ssmtui import __version__
from ssmtui.language import say, translatable
from ssmtui.model.plan import Forecast, Plan, RequiredPermission
from ssmtui.remediation.export.format import ChangeRequest, export_format
from ssmtui.remediation.preview import call_lines, diff_lines, node_changes, reach_text, undo_lines
from ssmtui.text.printable import printable

_NODES_NAMED = 20
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")


@export_format("markdown", label=translatable("Change request (Markdown)"), after="iam")
def change_request(request: ChangeRequest) -> str:
    """Return the change request."""
    return "\n".join(_lines(request)) + "\n"


def as_text(text: str) -> str:
    """Return a text that Markdown shows literally, with active characters escaped, on one line."""
    return _ACTIVE.sub(r"\\\1", printable(text))


def fenced(lines: Sequence[str], language: str = "") -> Iterator[str]:
    """Yield lines as a code block, with a fence that is longer than any fence in them."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from lines
    yield fence


def _lines(request: ChangeRequest) -> Iterator[str]:
    plan = request.plan
    yield f"# {as_text(plan.title)}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    rows: tuple[tuple[str, str], ...] = (
        *(((say("Date"), f"{request.at:%Y-%m-%d %H:%M} UTC"),) if request.at is not None else ()),
        (say("Version"), f"ssmtui {__version__}"),
        (say("Account"), plan.scope.account),
        (say("Region"), plan.scope.region),
        (say("Resource"), f"{say(plan.subject.kind.value)} {plan.subject.id}"),
        (say("Impact"), reach_text(plan)),
        (say("Fix"), plan.fix),
    )
    if plan.scope.name.role is not None:
        rows = (*rows, (say("Role"), plan.scope.name.role))
    yield from (f"| {name} | {as_text(value)} |" for name, value in rows)
    if request.command:
        yield ""
        yield say("Show this change again, or apply it with --yes:")
        yield ""
        yield from fenced([request.command], "sh")
    yield from _why(request)
    yield from _what(plan)
    yield from _section(say("Affected nodes"), _affected(request.forecast, request))
    yield from _section(say("Risk"), _risk(plan))
    yield ""
    yield f"## {say('Undo')}"
    yield ""
    yield as_text(plan.undo) if plan.undo else say("This change cannot be undone.")
    if plan.way_back.calls:
        yield ""
        yield from fenced(undo_lines(plan), "text")


def _why(request: ChangeRequest) -> Iterator[str]:
    finding = request.finding
    if finding is None:
        return
    yield ""
    yield f"## {say('Why')}"
    yield ""
    yield f"{as_text(finding.summary)} (`{finding.cause}`, {finding.confidence.value})"
    if finding.evidence:
        yield ""
        yield from (f"- {as_text(each.fact)} ({as_text(each.source)})" for each in finding.evidence)


def _what(plan: Plan) -> Iterator[str]:
    yield ""
    yield f"## {say('What changes')}"
    yield ""
    yield from fenced([line.signed for line in diff_lines(plan.before, plan.after)], "diff")
    yield ""
    yield say("API calls, in this order:")
    yield ""
    yield from fenced(call_lines(plan), "text")
    yield ""
    yield say("IAM actions required to apply the change:")
    yield ""
    needed = (each for call in plan.calls for each in (RequiredPermission(call.action, call.resource), *call.besides))
    yield from dict.fromkeys(f"- `{each.action}`: {as_text(each.resource)}" for each in needed)


def _section(heading: str, lines: Iterator[str]) -> Iterator[str]:
    yield ""
    yield f"## {heading}"
    yield ""
    yield from (f"- {line}" for line in lines)


def _affected(forecast: Forecast | None, request: ChangeRequest) -> Iterator[str]:
    if forecast is None:
        yield say("The effect on the nodes was not calculated.")
        return
    told = node_changes(forecast)
    for each in told:
        names = [as_text(name) for name in sorted(request.names.get(id_) or id_ for id_ in each.nodes)[:_NODES_NAMED]]
        more = len(each.nodes) - len(names)
        rest = say(" and {more} more", more=more) if more else ""
        yield each.of(", ".join(names) + rest)
    yield from (say("new finding: {finding}", finding=as_text(id_)) for id_ in forecast.new_findings)
    if not told:
        yield say("No node's result is expected to change.")


def _risk(plan: Plan) -> Iterator[str]:
    yield say("What is lost: {loses}", loses=as_text(plan.loses) if plan.loses else say("nothing"))
    yield say("Cost: {costs}", costs=as_text(plan.costs) if plan.costs else say("nothing"))
    if plan.delay:
        yield say("Delay: {delay}", delay=as_text(plan.delay))
    yield from (as_text(note) for note in plan.notes)

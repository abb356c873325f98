"""Preview plans: their effects as texts and values, and which plans can be combined."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import unified_diff
from enum import Enum
from typing import Protocol

from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import SubjectKind
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import (
    AnswerReference,
    Call,
    FactChange,
    Forecast,
    GuardReference,
    Parameter,
    Plan,
    Reach,
    UndoPlan,
)
from ssmtui.model.scope import ScopeName
from ssmtui.text.printable import printable, printable_lines


@dataclass(frozen=True, slots=True)
class PlanSet:
    """Plans in the order in which they are applied."""

    plans: tuple[Plan, ...]

    @property
    def by_scope(self) -> Mapping[ScopeName, tuple[Plan, ...]]:
        """Return the plans by scope: a forecast covers all plans of a scope."""
        found: dict[ScopeName, tuple[Plan, ...]] = {}
        for plan in self.plans:
            found[plan.scope.name] = (*found.get(plan.scope.name, ()), plan)
        return found

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the Regions that the plans change."""
        return tuple(dict.fromkeys(plan.scope.region for plan in self.plans))

    @property
    def confirmation(self) -> str:
        """Return the text that the user must type: the confirmation of each plan, without repetitions."""
        return " ".join(dict.fromkeys(plan.confirmation for plan in self.plans if plan.confirmation))

    def followed(self, forecasts: Mapping[ScopeName, Forecast]) -> tuple[NodeKey, ...]:
        """Return the nodes in the forecasts, those that turn green first."""
        keys = (affected(plans[0], forecasts.get(name)) for name, plans in self.by_scope.items())
        return tuple(dict.fromkeys(key for of_scope in keys for key in of_scope))


def affected(plan: Plan | None, forecast: Forecast | None) -> tuple[NodeKey, ...]:
    """Return the nodes in a forecast, those that turn green first."""
    if plan is None or forecast is None:
        return ()
    ids = (*forecast.turn_green, *forecast.await_agent, *forecast.turn_warn, *forecast.turn_worse, *forecast.stay_red)
    return tuple(NodeKey(plan.scope.account, plan.scope.region, id_) for id_ in dict.fromkeys(ids))


class MergeConflictError(ValueError):
    """Two versions of a fact that differ at the same place."""


def combination_conflict(one: Plan, other: Plan) -> str:
    """Return why two changes cannot be applied one after the other as previewed; empty if they can.

    The first change would change what the second guards, or their combined result is unknown.
    """
    if one.scope != other.scope:
        return ""
    try:
        facts_after((one, other))
    except MergeConflictError:
        mergeable = False
    else:
        mergeable = True
    if mergeable and not _guard_the_same(one, other):
        return ""
    return say("“{title}” changes the same resource: apply one of them first", title=other.title)


def facts_after(plans: Iterable[Plan]) -> tuple[FactChange, ...]:
    """Return the facts after all these plans of one scope. Raises MergeConflictError."""
    merged: list[FactChange] = []
    for change in (change for plan in plans for change in plan.facts_after):
        same = next((each for each in merged if _of_one_fact(each, change)), None)
        if same is None:
            merged.append(change)
        else:
            merged[merged.index(same)] = replace(same, value=_merged(change.replaces, same.value, change.value))
    return tuple(merged)


def _of_one_fact(one: FactChange, other: FactChange) -> bool:
    return one.kind is other.kind and (one.replaces, one.node) == (other.replaces, other.node)


def _guard_the_same(one: Plan, other: Plan) -> bool:
    return any(
        (guard.service, guard.operation, guard.path) == (theirs.service, theirs.operation, theirs.path)
        and guard.parameters == theirs.parameters
        for guard in one.guards
        for theirs in other.guards
    )


def _merged(base: object, one: object, other: object) -> object:
    if other in (base, one):
        return one
    if one == base:
        return other
    match base, one, other:
        case tuple(), tuple(), tuple() if len(base) == len(one) == len(other):
            return tuple(_merged(*versions) for versions in zip(base, one, other, strict=True))
        case Mapping(), Mapping(), Mapping() if base.keys() == one.keys() == other.keys():
            return {key: _merged(base[key], one[key], other[key]) for key in base}
        case frozenset(), frozenset(), frozenset():
            return (one & other) | (one - base) | (other - base)
    if is_dataclass(base) and not isinstance(base, type) and type(base) is type(one) is type(other):
        names = [each.name for each in fields(base) if each.init]
        versions = {name: _merged(*(getattr(each, name) for each in (base, one, other))) for name in names}
        return replace(base, **versions)
    raise MergeConflictError(type(base).__name__)


_CONTEXT = 3
_LONG = 160
_SHORT = 40
_THE_TEXT_ABOVE = translatable("(the text above)")


class LineKind(Enum):
    """The kind of a line in a diff."""

    ADDED = "+"
    REMOVED = "-"
    CONTEXT = " "
    HUNK = "@"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff. `text` has no sign at the start; the text of a hunk says where its lines are."""

    kind: LineKind
    text: str

    @property
    def signed(self) -> str:
        """Return the line in the unified diff format."""
        return self.text if self.kind is LineKind.HUNK else f"{self.kind.value}{self.text}"


def diff_lines(before: str, after: str) -> tuple[DiffLine, ...]:
    """Return the unified diff of two texts. If a JSON text is one long line, the indented texts are compared.

    The result is empty if the texts differ only in white space at the end.
    """
    shown_before, shown_after = _shown(before), _shown(after)
    lines = list(_diff(shown_before, shown_after))
    if lines and (shown_before, shown_after) != (before, after):
        note = say("@@ indented here for reading; stored on one line @@")
        lines.insert(0, DiffLine(LineKind.HUNK, note))
    return tuple(lines)


class Reversible(Protocol):
    """The texts and calls of a change: a plan, or a change of the journal."""

    @property
    def before(self) -> str:
        """Return the text before the change."""

    @property
    def after(self) -> str:
        """Return the text after the change."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """Return the calls of the change."""

    @property
    def way_back(self) -> UndoPlan:
        """Return the undo of the change."""


def call_lines(change: Reversible) -> tuple[str, ...]:
    """Return the calls of a change, one per line.

    Example: `ssm UpdateDocument  Name=…  DocumentVersion=3  Content=(the text above)`.
    """
    return tuple(_call_line(call, change) for call in change.calls)


def undo_lines(change: Reversible) -> tuple[str, ...]:
    """Return the undo calls of a change, one per line."""
    return tuple(_call_line(call, change) for call in change.way_back.calls)


def _diff(before: str, after: str) -> Iterator[DiffLine]:
    unified = unified_diff(printable_lines(before), printable_lines(after), n=_CONTEXT, lineterm="")
    for place, line in enumerate(unified):
        if place < 2:
            continue  # the file names, which are empty
        kind = LineKind(line[:1])
        yield DiffLine(kind, line if kind is LineKind.HUNK else line[1:])


def _shown(text: str) -> str:
    """Return the text; a long JSON text in one line is indented."""
    if len(text) < _LONG or "\n" in text.strip():
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _call_line(call: Call, change: Reversible) -> str:
    parameters = (f"{name}={_parameter(value, change)}" for name, value in call.parameters.items())
    return "  ".join((f"{call.service} {call.operation}", *parameters))


def _parameter(value: Parameter, change: Reversible) -> str:
    match value:
        case AnswerReference(call=call):
            return say("(result of call {number})", number=call + 1)
        case GuardReference():
            return say("(as read before the change)")
        case list() | tuple() if any(isinstance(each, AnswerReference | GuardReference) for each in value):
            return f"[{', '.join(_parameter(each, change) for each in value)}]"
        case str() if value == change.after and len(value) > _SHORT:
            return say(_THE_TEXT_ABOVE)
        case str() if value == change.before and len(value) > _SHORT:
            return say("(the text before the change)")
        case str():
            return printable(value)
        case _:
            return printable(json.dumps(value, ensure_ascii=False))


def reach_text(plan: Plan) -> str:
    """Return which nodes a plan affects. Nodes of a role in other Regions are not counted: a note says so."""
    count = plan.nodes_reached
    if plan.reach is Reach.NODE or count is None:
        return say(plan.reach.value)
    if plan.reach is Reach.REGION:
        return say_many(
            "all nodes and users of the Region ({count} known node)",
            "all nodes and users of the Region ({count} known nodes)",
            count,
        )
    if plan.subject.kind is SubjectKind.ROLE:
        return say_many(
            "one role and all nodes that use it ({count} known node)",
            "one role and all nodes that use it ({count} known nodes)",
            count,
        )
    return say_many(
        "all nodes of one resource ({count} known node)", "all nodes of one resource ({count} known nodes)", count
    )


class NodeChange(Enum):
    """The change of a node's status."""

    GREEN = "green"
    AWAITED = "awaited"
    WARN = "warn"
    WORSE = "worse"
    RED = "red"


@dataclass(frozen=True, slots=True)
class NodeChangeGroup:
    """The IDs of the nodes with the same change, and the sentence about them."""

    turn: NodeChange
    sentence: str
    nodes: tuple[str, ...]

    def of(self, names: str) -> str:
        """Return the sentence and the names of the nodes."""
        return say("{turned}: {nodes}", turned=self.sentence, nodes=names)


def node_changes(forecast: Forecast) -> tuple[NodeChangeGroup, ...]:
    """Return the changes of nodes, improvements first; changes without nodes are left out."""
    green, awaited = forecast.turn_green, forecast.await_agent
    warn, worse, red = forecast.turn_warn, forecast.turn_worse, forecast.stay_red
    told = (
        NodeChangeGroup(
            NodeChange.GREEN, say_many("{count} node changes to ok", "{count} nodes change to ok", len(green)), green
        ),
        NodeChangeGroup(
            NodeChange.AWAITED,
            say_many(
                "{count} node fails only until SSM Agent reconnects",
                "{count} nodes fail only until SSM Agent reconnects",
                len(awaited),
            ),
            awaited,
        ),
        NodeChangeGroup(
            NodeChange.WARN,
            say_many("{count} node changes to a warning", "{count} nodes change to a warning", len(warn)),
            warn,
        ),
        NodeChangeGroup(
            NodeChange.WORSE, say_many("{count} node gets worse", "{count} nodes get worse", len(worse)), worse
        ),
        NodeChangeGroup(
            NodeChange.RED,
            say_many(
                "{count} node still fails for another reason", "{count} nodes still fail for another reason", len(red)
            ),
            red,
        ),
    )
    return tuple(each for each in told if each.nodes)

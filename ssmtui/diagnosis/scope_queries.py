"""Answer questions about one scope: open sessions, and the raw facts of a node."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum
from itertools import groupby

from ssmtui.diagnosis.diagnosis_handle import RawFact
from ssmtui.diagnosis.planning import add_caller_permissions
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.facts.sources import Read, WorkstationRead, sources
from ssmtui.evidence.readers.node_listing import SharedListing
from ssmtui.evidence.readers.node_observations import publish_sessions
from ssmtui.evidence.snapshots.record import ListingReference
from ssmtui.iam_policy.document import Policy
from ssmtui.language import say
from ssmtui.model.document_text import DocumentText, MalformedText
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.node import NodeKey, NodeTraits
from ssmtui.model.node_facts import SampleNode
from ssmtui.model.plan import JSON, FactChange, Plan
from ssmtui.model.sessions import ActiveSession, ActiveSessions, ListedSession, SessionState
from ssmtui.remediation.plans.nodes import termination_plans_of_chosen


async def publish_open_sessions(
    diagnosis: ScopeDiagnosis, state: SessionState, on_page: Callable[[Sequence[ListedSession]], None]
) -> Unreadable | None:
    """Publish the open sessions of a scope; return why not all could be read."""
    with diagnosis.in_time():
        return await publish_sessions(diagnosis.aws, state, on_page)


async def plans_to_end(diagnosis: ScopeDiagnosis, sessions: Sequence[ListedSession]) -> tuple[Plan, ...]:
    """Return the plans that end open sessions, one per node, the oldest session first; more if a node has too many."""
    scope = diagnosis.scope
    ordered = sorted(sessions, key=lambda each: (each.target, each.started, each.id))
    plans: list[Plan] = []
    for target, of_node in groupby(ordered, key=lambda each: each.target):
        node = diagnosis.nodes.get(NodeKey(scope.account, scope.region, target))
        ended = [ActiveSession(each.id, each.target, each.owner, each.started) for each in of_node]
        for plan in termination_plans_of_chosen(scope, target, (node.name if node else "") or target, ended):
            with diagnosis.in_time():
                plans.append(await add_caller_permissions(plan, diagnosis.resolver(node)))
    # With two plans, there would be two lists of remaining sessions, and neither would be the final list.
    return (await _with_remaining_sessions(diagnosis, plans[0], sessions),) if len(plans) == 1 else tuple(plans)


async def _with_remaining_sessions(diagnosis: ScopeDiagnosis, plan: Plan, ended: Sequence[ListedSession]) -> Plan:
    """Return the plan with the sessions that remain open, as far as they are known."""
    active = (await diagnosis.resolver(None).fact(ActiveSessions)).value
    if not isinstance(active, ActiveSessions):
        return plan
    ids = {each.id for each in ended}
    left = ActiveSessions(tuple(each for each in active.sessions if each.id not in ids))
    return replace(plan, facts_after=(FactChange(ActiveSessions, left, replaces=active),))


_LEFT_OUT = (Now, NodeTraits, SampleNode)
"""Facts that repeat another fact, which the header or the node shows."""


def list_raw_facts(resolver: FactResolver) -> tuple[RawFact, ...]:
    """Return the facts of a path by name, each with its IAM actions; without inapplicable facts and listings."""
    return tuple(
        RawFact(kind.__name__, _source(kind), json.dumps(to_plain_data(resolved.value), indent=2, ensure_ascii=False))
        for kind, resolved in sorted(resolver.known.items(), key=lambda each: each[0].__name__)
        if kind not in _LEFT_OUT and not isinstance(resolved.value, NotApplicable | SharedListing | ListingReference)
    )


def to_plain_data(value: object) -> JSON:
    """Return a value as JSON. A policy is shown as AWS's document, and a document as its text."""
    if isinstance(value, DocumentText | MalformedText):
        return value.text
    if isinstance(value, Policy) and value.text:
        return _decoded(value.text)
    if isinstance(value, Absent | Unreadable):
        fields = {key: each for key, each in _fields(value).items() if each is not None}
        return {type(value).__name__.lower(): {key: to_plain_data(each) for key, each in fields.items()}}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {key: to_plain_data(each) for key, each in _fields(value).items()}
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain_data(each) for key, each in value.items()}
    if isinstance(value, Sequence | frozenset | set) and not isinstance(value, str):
        return [to_plain_data(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _decoded(text: str) -> JSON:
    try:
        document: JSON = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return document


def _fields(value: object) -> Mapping[str, object]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}  # type: ignore[arg-type]


def _source(kind: type) -> str:
    match sources().get(kind):
        case Read() as source:
            return ", ".join(source.actions)
        case WorkstationRead():
            return say("this computer")
        case _:
            return ""

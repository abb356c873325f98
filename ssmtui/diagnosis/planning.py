"""Make the plans of fixes in a scope, and read the facts for plans and for the preferences form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.evidence.facts.fact_resolver import FactResolver, ResolvedNeeds
from ssmtui.language import say
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Finding, Subject
from ssmtui.model.node import Node, NodeKey, traits_of
from ssmtui.model.node_facts import ManagedFleet
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import (
    ChangedSubject,
    FixNotApplicable,
    Ownership,
    Plan,
    PlannedCalls,
    PlanPermissions,
    Reach,
    Steps,
)
from ssmtui.model.preferences import PreferencesDocument, RegionPreferences, SessionPreferences
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup
from ssmtui.remediation.plans.plan_parts import permission_questions, with_missing_permissions, with_ownership_warning
from ssmtui.remediation.plans.registry import all_fixes, all_steps, makes_stale


async def plan_fix(
    slug: str,
    resolver: FactResolver,
    subject: Subject | None = None,
    choices: Choices = NOTHING_CHOSEN,
    finding: Finding | None = None,
) -> Plan | FixNotApplicable:
    """Return the plan of a fix from the facts of a path, or why there is none, possibly with steps by hand.

    `subject` is the subject of the finding, if any; `choices` are the choices of a person.
    """
    fix = all_fixes().get(slug) or all_steps().get(slug)
    if fix is None:
        return FixNotApplicable(slug, say("ssmtui cannot apply this change yet: follow the manual steps."))
    none_named = NotApplicable(say("this change needs a finding, and none is named"))
    if resolver.scope.document is not None and makes_stale(slug, PreferencesDocument):
        return FixNotApplicable(
            slug, say("this change is for the session preferences, but sessions use another document")
        )
    resolver.know(Subject, subject or none_named)
    resolver.know(Finding, finding or none_named)
    resolver.know(Choices, choices)
    needs = await resolver.answers(fix.needs)
    if isinstance(needs, ResolvedNeeds):
        drafted = fix.draft(**needs.arguments)
        return _by_hand(drafted) if isinstance(drafted, Steps) else await _with_permissions_and_owner(drafted, resolver)
    if isinstance(needs.by, tuple):
        return FixNotApplicable(slug, _unreadable(needs.by))
    missing = getattr(needs.by, "what", "")
    return FixNotApplicable(slug, getattr(needs.by, "why", "") or say("{what} does not exist", what=missing))


async def _with_permissions_and_owner(
    drafted: Plan | FixNotApplicable, resolver: FactResolver
) -> Plan | FixNotApplicable:
    """Add the caller's missing permissions and the owner of the resource to a plan."""
    if isinstance(drafted, FixNotApplicable):
        return drafted
    plan = await add_caller_permissions(drafted, resolver)
    resolver.know(ChangedSubject, ChangedSubject(plan.subject))
    owner = (await resolver.fact(Ownership)).value
    return (
        with_ownership_warning(plan, owner)
        if isinstance(owner, Ownership | Absent | NotApplicable | Unreadable)
        else plan
    )


async def add_caller_permissions(drafted: Plan, resolver: FactResolver) -> Plan:
    """Add the caller's missing permissions to a plan."""
    resolver.know(PlannedCalls, permission_questions(drafted))
    permissions = (await resolver.fact(PlanPermissions)).value
    return (
        with_missing_permissions(drafted, permissions)
        if isinstance(permissions, PlanPermissions | Absent | NotApplicable | Unreadable)
        else drafted
    )


def _by_hand(steps: Steps) -> FixNotApplicable:
    return FixNotApplicable(steps.fix, say("this fix is manual: follow the steps"), steps=steps)


def _unreadable(reasons: tuple[Unreadable, ...]) -> str:
    actions = ", ".join(dict.fromkeys(each.action for each in reasons if each.action))
    why = "; ".join(dict.fromkeys(each.why for each in reasons))
    return (
        say("the values to change could not be read ({actions}): {why}", actions=actions, why=why) if actions else why
    )


async def plan_in_scope(
    diagnosis: ScopeDiagnosis, fix: str, finding_id: str | None, choices: Choices
) -> Plan | FixNotApplicable:
    """Return the plan with the number of affected nodes in the scope, or why there is none."""
    fleet_finding = diagnosis.finding(finding_id) if finding_id else None
    nodes = sorted(fleet_finding.nodes, key=lambda key: key.id) if fleet_finding else []
    resolver = diagnosis.resolver(diagnosis.nodes.get(nodes[0]) if nodes else None)
    finding = fleet_finding.finding if fleet_finding else None
    with diagnosis.in_time():
        planned = await plan_fix(fix, resolver, finding.subject if finding else None, choices, finding)
    if isinstance(planned, FixNotApplicable):
        return planned
    reached: dict[Reach, int | None] = {Reach.NODE: 1}
    if await _lists_all(diagnosis):
        reached |= {Reach.SUBJECT: len(nodes) or None, Reach.REGION: len(diagnosis.nodes)}
    return replace(planned, nodes_reached=reached.get(planned.reach), finding_id=finding_id or "", choices=choices)


async def _lists_all(diagnosis: ScopeDiagnosis) -> bool:
    """Return whether all nodes are listed, not only requested nodes: else the affected nodes cannot be counted."""
    fleet = (await diagnosis.resolver(None).fact(ManagedFleet)).value
    return not isinstance(fleet, ManagedFleet) or fleet.is_whole


F = TypeVar("F")


async def read_region_preferences(resolver: FactResolver) -> RegionPreferences:
    """Return the facts about the preferences and their resources. `resolver` is the Region's, without a node."""
    document = await _fact(resolver, PreferencesDocument)
    preferences = await _fact(resolver, SessionPreferences)
    if isinstance(document, NotApplicable) or isinstance(preferences, Absent | NotApplicable):
        raise TypeError(
            "the preferences of a Region always apply, and are never absent: without a document, defaults rule"
        )
    return RegionPreferences(
        scope=resolver.scope,
        document=document,
        preferences=preferences,
        key=await _fact(resolver, Key),
        bucket=await _fact(resolver, Bucket),
        bucket_encryption=await _fact(resolver, BucketEncryption),
        log_group=await _fact(resolver, LogGroup),
        caller=await _fact(resolver, CallerPreferencesPermissions),
    )


async def _fact(resolver: FactResolver, kind: type[F]) -> F | Absent | NotApplicable | Unreadable:
    value = (await resolver.fact(kind)).value
    if isinstance(value, Absent | NotApplicable | Unreadable):
        return value
    if isinstance(value, kind):
        return value
    raise TypeError(f"{kind.__name__} came as {type(value).__name__}")


_MAX_VALUES = 8
"""Number of values to try for each choice of a fix; other values are not in the snapshot."""

_MAX_NODES_PER_KIND = 3
_MAX_NODES = 500
"""Limits on the nodes for forecasts: per set of equal traits, and in total."""


async def prefetch_facts(diagnosis: ScopeDiagnosis) -> None:
    """Read the facts about the preferences of the Region, and the facts that the fixes of all findings need.

    All reads share the time limit of a Region, so that a call that hangs cannot take the time of each fix.
    """
    with diagnosis.in_time():
        await read_region_preferences(diagnosis.resolver(None))
        for slug, fix in all_fixes().items():
            if fix.whole_region:
                await _try(diagnosis, slug, None)
        for finding in tuple(diagnosis.findings()):
            for slug in finding.finding.fixes:
                await _try(diagnosis, slug, finding.id)


async def _try(diagnosis: ScopeDiagnosis, slug: str, finding_id: str | None) -> None:
    planned = await plan_in_scope(diagnosis, slug, finding_id, NOTHING_CHOSEN)
    if isinstance(planned, Plan):
        await diagnosis.foresee(_some_of_each_kind(diagnosis.nodes), planned)
        return
    for choices in _choices(planned):
        chosen = await plan_in_scope(diagnosis, slug, finding_id, choices)
        if isinstance(chosen, Plan):
            await diagnosis.foresee(_some_of_each_kind(diagnosis.nodes), chosen)


def _some_of_each_kind(nodes: Mapping[NodeKey, Node]) -> Mapping[NodeKey, Node]:
    """Return some nodes with all combinations of traits: to check all nodes for each fix would take too long."""
    seen = defaultdict[object, int](int)
    some: dict[NodeKey, Node] = {}
    for key, node in nodes.items():
        kind = traits_of(node)
        if seen[kind] < _MAX_NODES_PER_KIND and len(some) < _MAX_NODES:
            seen[kind] += 1
            some[key] = node
    return some


def _choices(refused: FixNotApplicable) -> Iterator[Choices]:
    for choice in refused.choices[:1]:
        would_do = [each for each in choice.candidates if not each.why_not]
        for candidate in would_do[:_MAX_VALUES]:
            yield Choices(((choice.name, candidate.value),))

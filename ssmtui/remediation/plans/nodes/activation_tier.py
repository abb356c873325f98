"""`enable-advanced-tier`: switch hybrid nodes of a Region to the advanced tier."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node_facts import ActivationTier
from ssmtui.model.plan import FactChange, FixNotApplicable, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import reset, setting_guard, updated

_SLUG = "enable-advanced-tier"
_STALE = (ActivationTier,)
_STANDARD, _ADVANCED = "standard", "advanced"

# User Guide, fleet-manager-configure-instance-tiers: both the charge and what going back takes.
_COSTS = translatable(
    "Systems Manager charges for every hybrid node of the Region, as long as it is on the advanced tier."
)
_UNDO = translatable(
    "The Region goes back to the standard tier: sessions to hybrid nodes end, and no more than 1,000 of them may be "
    "registered."
)


@fix(slug=_SLUG, stale=_STALE, whole_region=True)
def enable_advanced_tier(scope: Scope, tier: ActivationTier) -> Plan | FixNotApplicable:
    """Change the Region's setting. The way back resets it: `standard` is its default."""
    if tier.advanced:
        return FixNotApplicable(
            _SLUG, say("the hybrid nodes of {region} are on the advanced tier", region=scope.region)
        )
    return Plan(
        fix=_SLUG,
        title=say("Put the hybrid nodes of {region} on the advanced-instances tier", region=scope.region),
        scope=scope,
        subject=Subject(SubjectKind.SERVICE_SETTING, tier.setting_arn),
        calls=(updated(tier.setting_arn, _ADVANCED),),
        before=_STANDARD,
        after=_ADVANCED,
        guards=(setting_guard(tier.setting_arn, _STANDARD),),
        way_back=UndoPlan((setting_guard(tier.setting_arn, _ADVANCED),), (reset(tier.setting_arn),)),
        reach=Reach.REGION,
        undo=say(_UNDO),
        facts_after=(FactChange(ActivationTier, replace(tier, advanced=True), replaces=tier),),
        stale=_STALE,
        costs=say(_COSTS),
        delay=say("A few minutes, until Systems Manager has changed the tier."),
        confirmation=scope.region,
    )

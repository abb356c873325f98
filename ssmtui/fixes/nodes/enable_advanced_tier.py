"""`enable-advanced-tier`: the hybrid nodes of a Region are put on the tier that takes sessions."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.frame.service_setting import reset, setting_guard, updated
from ssmtui.language import marked, say
from ssmtui.model.activations import ActivationTier
from ssmtui.model.plan import FactChange, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "enable-advanced-tier"
_STALE = (ActivationTier,)
_STANDARD, _ADVANCED = "standard", "advanced"

# User Guide, fleet-manager-configure-instance-tiers: both the charge and what going back takes.
_COSTS = marked("Systems Manager charges for every hybrid node of the Region, as long as it is on the advanced tier.")
_UNDO = marked(
    "The Region goes back to the standard tier: sessions to hybrid nodes end, and no more than 1,000 of them may be "
    "registered."
)


@fix(slug=_SLUG, stale=_STALE, whole_region=True)
def enable_advanced_tier(scope: Scope, tier: ActivationTier) -> Plan | NotApplicable:
    """Change the Region's setting. The way back resets it: `standard` is its default."""
    if tier.advanced:
        return NotApplicable(_SLUG, say("the hybrid nodes of {region} are on the advanced tier", region=scope.region))
    return Plan(
        fix=_SLUG,
        title=say("Put the hybrid nodes of {region} on the advanced-instances tier", region=scope.region),
        scope=scope,
        subject=Subject(SubjectKind.SERVICE_SETTING, tier.setting_arn),
        calls=(updated(tier.setting_arn, _ADVANCED),),
        before=_STANDARD,
        after=_ADVANCED,
        guards=(setting_guard(tier.setting_arn, _STANDARD),),
        way_back=WayBack((setting_guard(tier.setting_arn, _ADVANCED),), (reset(tier.setting_arn),)),
        reach=Reach.REGION,
        undo=say(_UNDO),
        facts_after=(FactChange(ActivationTier, replace(tier, advanced=True), replaces=tier),),
        stale=_STALE,
        costs=say(_COSTS),
        delay=say("A few minutes, until Systems Manager has changed the tier."),
        confirmation=scope.region,
    )

"""Hybrid activations of a Region, and the tier of the nodes that came by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.model.activations import Activation, Activations, ActivationTier
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedHybridNode

TIER_SETTING = "/ssm/managed-instance/activation-tier"
"""The service setting of the tier (User Guide, fleet-manager-configure-instance-tiers)."""

_A_PAGE = 50


def _region(scope: Scope, hybrid: ManagedHybridNode) -> Hashable:
    return scope.region


@reads("ssm:GetServiceSetting", key=_region)
async def activation_tier(aws: Aws, scope: Scope, hybrid: ManagedHybridNode) -> ActivationTier:
    """`standard` until somebody changes it; only asked where the Region has hybrid nodes."""
    own_arn = scope.arn("ssm", f"servicesetting{TIER_SETTING}")
    try:
        setting = (await aws.call("ssm", "GetServiceSetting", SettingId=TIER_SETTING)).part("ServiceSetting")
    except AwsError as error:
        if error.code != "ServiceSettingNotFound":
            raise
        return ActivationTier(own_arn, advanced=False)
    return ActivationTier(setting.optional_text("ARN") or own_arn, advanced=setting.text("SettingValue") == "advanced")


@reads("ssm:DescribeActivations", key=_region, of_all_nodes=True)
async def activations(aws: Aws, scope: Scope, hybrid: ManagedHybridNode) -> Activations:
    """AWS forgets an activation some time after it has expired, so that a role may have none."""
    found: defaultdict[str, list[Activation]] = defaultdict(list)
    async for page in aws.pages("ssm", "DescribeActivations", MaxResults=_A_PAGE):
        for raw in page.parts("ActivationList"):
            activation = Activation(
                id=raw.text("ActivationId"),
                expired=raw.optional_flag("Expired") is True,
                expires=raw.optional_moment("ExpirationDate"),
                limit=raw.optional_number("RegistrationLimit") or 1,
                registered=raw.optional_number("RegistrationsCount") or 0,
            )
            found[(raw.optional_text("IamRole") or "").rpartition("/")[2]].append(activation)
    return Activations(
        {
            role: tuple(sorted(each, key=lambda one: one.expires.timestamp() if one.expires else 0.0, reverse=True))
            for role, each in found.items()
        }
    )

"""What to do about a refusal, by the kind of policy that AWS names in it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html: "with an explicit deny in a …", or
"because no … allows the … action". Services that say less leave the kind open.
"""

from __future__ import annotations

from ssmtui.language import say
from ssmtui.model.denial import denial_in


def refusing_kind(said: str) -> str:
    """The kind of policy that AWS names in a refusal (`service control policy`); empty where it names none."""
    denial = denial_in(said)
    return denial.kind if denial else ""


def advice_on(said: str, action: str, region: str) -> str:
    """What to do about a refusal, by the policy that it came from."""
    match refusing_kind(said):
        case "service control policy":
            return say(
                "A service control policy of the organization denies {action} in {region}: leave this Region out, or "
                "ask the organization's administrators.",
                action=action,
                region=region,
            )
        case "resource control policy":
            return say(
                "A resource control policy of the organization denies {action}: ask the organization's administrators.",
                action=action,
            )
        case "permissions boundary":
            return say(
                "The permissions boundary of this principal does not allow {action}: whoever set it has to widen it.",
                action=action,
            )
        case "session policy":
            return say(
                "The session policy that these credentials came with does not allow {action}: choose another profile.",
                action=action,
            )
        case "vpc endpoint policy":
            return say(
                "The policy of the VPC endpoint that requests from here pass does not allow {action}: ask whoever runs "
                "this network.",
                action=action,
            )
        case _:
            return say("Allow {action} to this principal, or choose another profile.", action=action)

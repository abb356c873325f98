"""A world whose endpoints have policies: some let the nodes' sessions through, some do not."""

from __future__ import annotations

from ssmtui.simulator.scenario import Agent, Scenario, StatementJSON, fails, warns
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.networks import enclosed
from ssmtui.simulator.worlds.permissions import CHANNEL_ACTIONS
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, WEB, node, small_world

_CAUSE = "endpoint-policy-denies"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{WEB.name}"

_BUCKET = f"arn:aws:s3:::{DESTINATIONS.bucket}"


def endpoint_policy_denies() -> Scenario:
    """Networks of endpoints: ssm, ssmmessages, kms and s3 hindered by a policy, and one with policies that suit."""
    return small_world(
        "endpoint-policy-denies",
        "The policies of VPC endpoints do not let nodes do what their sessions need.",
        (
            node("silent-1", fails(_CAUSE), network="silent", subnet="isolated", agent=Agent(registered=False)),
            node("half-1", fails(_CAUSE), network="half", subnet="isolated"),
            node("coded-1", fails(_CAUSE), network="coded", subnet="isolated"),
            node("logless-1", warns(_CAUSE), network="logless", subnet="isolated"),
            node("vault-1", network="vault", subnet="isolated"),
        ),
        preferences=preferences(DESTINATIONS),
        networks=(
            enclosed("silent", "10.60", policies={"ssm": (_allow("ssm:GetParameter"),)}),
            enclosed("half", "10.61", policies={"ssmmessages": (_allow("*"), _deny("ssmmessages:CreateControl*"))}),
            enclosed("coded", "10.62", policies={"kms": (_allow("kms:GenerateDataKey"),)}),
            enclosed(
                "logless",
                "10.63",
                policies={"s3": (_allow("s3:GetEncryptionConfiguration"), _allow("s3:*", "arn:aws:s3:::elsewhere/*"))},
            ),
            enclosed(
                "vault",
                "10.64",
                policies={
                    "ssm": (_allow("ssm:*"),),
                    "ssmmessages": (_allow_by_name(*CHANNEL_ACTIONS),),
                    "kms": (_allow_by_name("kms:Decrypt"),),
                    "s3": (
                        _allow("s3:*", f"arn:aws:s3:::{DESTINATIONS.bucket}", f"arn:aws:s3:::{DESTINATIONS.bucket}/*"),
                    ),
                },
            ),
        ),
    )


def _allow(action: str, *resources: str) -> StatementJSON:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": list(resources) or "*"}


def _deny(action: str) -> StatementJSON:
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}


def _allow_by_name(*actions: str) -> StatementJSON:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": _ROLE}},
    }

"""Describe the account of the fleet: its networks, its roles, and what a session needs from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

ACCOUNT: Final = "111122223333"
REGION: Final = "eu-west-1"
CALLER_ROLE: Final = "Operator"
CALLER_ARN: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/{CALLER_ROLE}/bench"

BUCKET: Final = "acme-session-audit"
LOG_GROUP: Final = "/ssm/sessions"
SESSION_KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000001"
LOGS_KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000002"

CORE: Final = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
KEY_USE: Final = ("kms:Decrypt",)
BUCKET_USE: Final = ("s3:GetEncryptionConfiguration", "s3:PutObject")
LOG_LOOKUP: Final = ("logs:DescribeLogGroups",)
LOG_USE: Final = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")


@dataclass(frozen=True, slots=True)
class Role:
    """A role, and the session permissions that its policies lack."""

    name: str
    denied: tuple[str, ...] = ()
    trusted: str = "ec2.amazonaws.com"

    @property
    def arn(self) -> str:
        """The role's ARN."""
        return f"arn:aws:iam::{ACCOUNT}:role/{self.name}"

    @property
    def allowed(self) -> tuple[str, ...]:
        """The actions that its only inline policy allows on all resources."""
        return tuple(each for each in (*CORE, *KEY_USE, *BUCKET_USE, *LOG_LOOKUP, *LOG_USE) if each not in self.denied)


SOUND: Final = tuple(Role(name) for name in ("web", "api", "batch", "data", "build", "desktop"))
DESKTOP: Final = SOUND[-1]
LEGACY: Final = Role("legacy", denied=(*CORE, *KEY_USE, *BUCKET_USE, *LOG_LOOKUP, *LOG_USE))
REPORTS: Final = Role("reports", denied=CORE[1:])
AUDIT: Final = Role("audit", denied=LOG_LOOKUP)
BILLING: Final = Role("billing", denied=LOG_LOOKUP)
VAULT: Final = Role("vault", denied=KEY_USE)
STORES: Final = Role("stores", trusted="ssm.amazonaws.com")
ROLES: Final = (*SOUND, LEGACY, REPORTS, AUDIT, BILLING, VAULT, STORES)


class WayOut(Enum):
    """The way from a VPC's nodes to AWS."""

    NAT = "nat"
    ENDPOINTS = "endpoints"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC of two subnets; `services` have endpoints in it, whose security group admits nodes if it is `open`."""

    number: int
    name: str
    way_out: WayOut
    services: tuple[str, ...] = ()
    open: bool = True

    @property
    def id(self) -> str:
        """The VPC's id."""
        return identifier("vpc", self.number)

    def subnet(self, which: int) -> str:
        """Return the id of its first or second subnet."""
        return identifier("subnet", self.number * 16 + which)

    @property
    def nodes_group(self) -> str:
        """The security group of healthy nodes."""
        return identifier("sg", self.number * 16)

    @property
    def closed_group(self) -> str:
        """The security group without outbound rules."""
        return identifier("sg", self.number * 16 + 1)

    @property
    def endpoints_group(self) -> str:
        """The security group of its endpoints."""
        return identifier("sg", self.number * 16 + 2)


_ALL: Final = ("ssm", "ssmmessages", "kms", "logs", "s3")


def identifier(kind: str, number: int) -> str:
    """Return an id in EC2's format."""
    return f"{kind}-0{number:016x}"


OPEN_VPCS: Final = (
    Vpc(1, "shop", WayOut.NAT),
    Vpc(2, "office", WayOut.NAT),
    Vpc(3, "core", WayOut.ENDPOINTS, _ALL),
    Vpc(4, "data", WayOut.ENDPOINTS, _ALL),
)
CLOSED_VPCS: Final = (
    Vpc(5, "finance", WayOut.ENDPOINTS, _ALL, open=False),
    Vpc(6, "claims", WayOut.ENDPOINTS, _ALL, open=False),
)
SEALED_VPC: Final = Vpc(7, "island", WayOut.NONE)
UNLOGGED_VPC: Final = Vpc(8, "edge", WayOut.ENDPOINTS, tuple(each for each in _ALL if each != "logs"))
VPCS: Final = (*OPEN_VPCS, *CLOSED_VPCS, SEALED_VPC, UNLOGGED_VPC)

"""A world as a whole, and each of its Regions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ssmtui.simulator.scenario.identity import InstanceProfile, Organization, Role
from ssmtui.simulator.scenario.machines import Node
from ssmtui.simulator.scenario.network import Network
from ssmtui.simulator.scenario.storage import Bucket, Key, LogGroup, Preferences, SessionDocument


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """What becomes of a request for just-in-time access, and how long after."""

    approves: bool = True
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class RegionPlan:
    """Everything of one Region; the names of subnets and security groups are unique in it.

    `host_management_role` is the value of its service setting, None where host management is off, and
    `host_management_set_ago` how long ago it was set. `approval_policies` are the names of documents by which
    just-in-time node access is granted, as `access_decision` says.
    """

    name: str
    networks: tuple[Network, ...] = ()
    keys: tuple[Key, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()
    preferences: Preferences | None = None
    session_documents: tuple[SessionDocument, ...] = ()
    approval_policies: tuple[str, ...] = ()
    access_decision: AccessDecision = AccessDecision()
    host_management_role: str | None = None
    host_management_set_ago: timedelta = timedelta(days=40)
    advanced_tier: bool = False
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """Another account of the organization, and what stands there. `state` as AWS tells it."""

    account: str
    name: str
    regions: tuple[RegionPlan, ...] = ()
    roles: tuple[Role, ...] = ()
    profiles: tuple[InstanceProfile, ...] = ()
    state: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole world; its Regions begin with the home Region. `caller` is the role of whoever looks at it.

    `members` are the other accounts of the organization, which tells them to the caller's account; `role_in_members` is
    the name of the role that the caller takes there.
    """

    name: str
    summary: str
    regions: tuple[RegionPlan, ...]
    roles: tuple[Role, ...]
    profiles: tuple[InstanceProfile, ...]
    caller: Role
    organization: Organization | None = None
    members: tuple[Member, ...] = ()
    role_in_members: str | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of all Regions."""
        return tuple(node for region in self.regions for node in region.nodes)

"""The things that can be wrong, and that a fix would change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ssmtui.language import marked


class SubjectKind(Enum):
    """What sort of thing a finding is about; the value is what reports print."""

    WORKSTATION = marked("workstation")
    CALLER = marked("caller")
    NODE = marked("node")
    ROLE = marked("role")
    INSTANCE_PROFILE = marked("instance-profile")
    SERVICE_SETTING = marked("service-setting")
    SUBNET = marked("subnet")
    SECURITY_GROUP = marked("security-group")
    ENDPOINT = marked("endpoint")
    ROUTE_TABLE = marked("route-table")
    NETWORK_ACL = marked("network-acl")
    VPC = marked("vpc")
    DOCUMENT = marked("document")
    KEY = marked("key")
    BUCKET = marked("bucket")
    LOG_GROUP = marked("log-group")
    REGION = marked("region")


_GLOBAL = frozenset({SubjectKind.WORKSTATION, SubjectKind.CALLER, SubjectKind.ROLE})


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that can be wrong. `id` is an ARN, except for nodes, network objects and the workstation."""

    kind: SubjectKind
    id: str

    @property
    def name(self) -> str:
        """The last part of the id: what a person calls it."""
        if self.kind is SubjectKind.LOG_GROUP:
            return self.id.partition(":log-group:")[2].removesuffix(":*") or self.id
        return self.id.rpartition("/")[2].rpartition(":")[2]

    @property
    def is_global(self) -> bool:
        """Whether the same thing is judged once a Region, so that a finding's id must name the Region."""
        return self.kind in _GLOBAL

"""As whom nodes report to Systems Manager, as CloudTrail has recorded it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AgentReport:
    """One ssm:UpdateInstanceInformation. `principal` is the ARN of the role or user that it was made as.

    `node_id` is empty where the record does not say it, as of some that were denied; `source` is the address that the
    call came from. `error` is the code by which it was refused, or empty.
    """

    node_id: str
    source: str
    principal: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class LastReport:
    """The newest report of one node. `by_address` says that it was told to be the node's by its address alone."""

    report: AgentReport
    by_address: bool

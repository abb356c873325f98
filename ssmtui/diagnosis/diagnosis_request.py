"""The request for a diagnosis: profiles, roles, Regions, nodes and options."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.credentials import RejectionPolicy
from ssmtui.evidence.aws.profiles import profile_name
from ssmtui.evidence.aws.scopes import RequestedScopes, home_scope
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.evidence.facts.workstation_protocol import Invocation, Workstation, WorkstationFactory
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.scope import Scope
from ssmtui.model.scope_request import DEFAULT_TIMEOUT, OWN_ACCOUNTS, OtherAccounts

if TYPE_CHECKING:
    from ssmtui.model.plan import Expected

ExpectedOf = Callable[[Scope, datetime], Sequence["Expected"]]


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def _nothing_expected(_scope: Scope, _now: datetime) -> Sequence[Expected]:
    return ()


class Pause(Enum):
    """When a diagnosis waits for `LiveDiagnosis.proceed`: it then leaves the processor and AWS to a session."""

    NEVER = 1
    AFTER_LISTING = 2
    AFTER_OPENING = 3


@dataclass(frozen=True, slots=True)
class DiagnosisRequest:
    """The scopes and options of a run.

    Without profiles and Regions, those of the AWS CLI are used; `environment` is read. `regions_of` has the Regions of
    profiles that differ from the others.

    `judged` is the ARN of another principal for the caller's link, `document` is the Session document to check instead
    of the Region's preferences. `workstation` makes the computer that opens sessions; None: its link is not checked.
    `nodes` are IDs and exact Name tags; empty: all nodes. `timeout` is the time limit in seconds for each Region, from
    the request for its credentials. `clock` returns the current time, and `expected` the changes whose effect must
    still show in an opened scope. `connections` says which connections are read; if `without_limit`, this continues
    after the time limit because a user watches. `on_rejection` says what happens to reads with rejected credentials.
    `others` are accounts besides or instead of those of the profiles. The checks in `skipped`, by name, do not run.
    `pause` says when the diagnosis waits.
    """

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    endpoint_url: str | None = None
    nodes: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    judged: str | None = None
    document: str | None = None
    workstation: WorkstationFactory | None = None
    timeout: float = DEFAULT_TIMEOUT
    clock: Callable[[], datetime] = utc_now
    expected: ExpectedOf = _nothing_expected
    on_rejection: RejectionPolicy = RejectionPolicy.FAIL
    others: OtherAccounts = OWN_ACCOUNTS
    connections: ConnectionOption = ConnectionOption.ALL
    without_limit: bool = False
    regions_of: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    pause: Pause = Pause.NEVER

    @property
    def scopes(self) -> RequestedScopes:
        """Return the requested scopes."""
        return RequestedScopes(
            self.profiles or (None,), self.regions, self.environment, self.others, self.timeout, self.regions_of
        )

    @property
    def clients(self) -> ClientSettings:
        """Return the settings of the AWS clients."""
        return ClientSettings(
            self.endpoint_url, external_id=self.others.external_id, on_rejection=self.on_rejection, reads=all_reads
        )

    def workstation_for(self, clients: Clients) -> Workstation | None:
        """Return the workstation, if it is checked."""
        if self.workstation is None:
            return None
        # Named roles are never the scope that the AWS CLI uses here.
        home = None if self.others.roles else home_scope(self.profiles, self._regions_at_home, self.environment)
        return self.workstation(clients, Invocation(self.nodes, home, self.endpoint_url))

    @property
    def _regions_at_home(self) -> Sequence[str]:
        """Return the Regions of the profile that the AWS CLI uses here."""
        return self.scopes.regions_for(profile_name(None, self.environment) if self.profiles else None)

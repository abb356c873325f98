"""The request for a diagnosis: profiles, roles, Regions, nodes and options."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ssmtui.diagnosis.scope_diagnosis import utc_now
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.credentials import RejectionPolicy
from ssmtui.evidence.aws.profiles import profile_name
from ssmtui.evidence.aws.scopes import RequestedScopes, home_scope
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.evidence.facts.workstation_protocol import Invocation, Workstation, WorkstationFactory
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.plan import Expected
from ssmtui.model.scope import DEFAULT_TIMEOUT, OWN_ACCOUNTS, OtherAccounts, Scope

ExpectedOf = Callable[[Scope, datetime], Sequence[Expected]]


def _nothing_expected(_scope: Scope, _now: datetime) -> Sequence[Expected]:
    return ()


@dataclass(frozen=True, slots=True)
class DiagnosisRequest:
    """What a run looks at. Empty profiles and Regions mean: what the AWS CLI would use here. `environment` is read.

    Of profiles in `regions_of` other Regions are looked at than of the rest.

    `judged` is the ARN of a principal that the caller's link is judged for instead of who asks, `document` names the
    Session document that sessions are judged by instead of the Region's preferences. `machine` is the computer that
    sessions are opened from; where there is none, its link is not judged. `nodes` are ids and exact Name tags; all
    nodes are looked at where there are none. `timeout` is the seconds that each Region is given, from when its
    credentials are asked for. `clock` tells the present, and `expected` what was changed before in a scope that is
    opened, and has yet to show. `whom` says of which nodes it is asked whether they are connected; that goes on past
    the time of a Region where it is `unhurried`, because somebody looks on. `when_lost` is what becomes of reads whose
    credentials AWS takes no more. `others` are the accounts that are looked at besides those of the profiles, or
    instead. Of `skipped` checks, by their names, nothing is known: they are not run.
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
    whom: ConnectionOption = ConnectionOption.ALL
    unhurried: bool = False
    regions_of: Mapping[str | None, tuple[str, ...]] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()

    @property
    def scopes(self) -> RequestedScopes:
        """The scopes that are asked for."""
        return RequestedScopes(
            self.profiles or (None,), self.regions, self.environment, self.others, self.timeout, self.regions_of
        )

    @property
    def clients(self) -> ClientSettings:
        """How AWS is talked to."""
        return ClientSettings(
            self.endpoint_url, external_id=self.others.external_id, on_rejection=self.on_rejection, reads=all_reads
        )

    def workstation_for(self, clients: Clients) -> Workstation | None:
        """The machine, where it is looked at."""
        if self.workstation is None:
            return None
        # In roles that are named one is nowhere at home.
        home = None if self.others.roles else home_scope(self.profiles, self._regions_at_home, self.environment)
        return self.workstation(clients, Invocation(self.nodes, home, self.endpoint_url))

    @property
    def _regions_at_home(self) -> Sequence[str]:
        """The Regions that are looked at of the profile that the AWS CLI would use here."""
        return self.scopes.regions_for(profile_name(None, self.environment) if self.profiles else None)

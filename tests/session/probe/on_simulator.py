"""Probes of simulated nodes, as the desk makes them: what `make probe` prints in whole, and `make test` in part."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from ssmtui.aws.client_config import ClientAccess
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageResult
from ssmtui.model.scope import Scope
from ssmtui.session.client import SessionClient
from ssmtui.session.opener import Opener
from ssmtui.session.probe.runner import probe, walk
from ssmtui.session.probe.stages import Deadlines
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import without_aws_variables

AT_ONCE = 8
PATIENCE = Deadlines(handshake=20, checks=20, output=20, soft=30, hard=60, settled=0.5)
"""The simulated agents are fifty times as fast as AWS's; silence is silence sooner, on a machine that is busy, too."""


@dataclass
class Probed:
    """A world under probes: how its nodes stand by theory, and what probes of them meet."""

    live: LiveDiagnosis
    state: FleetState
    opener: Opener
    told: list[StageResult] = field(default_factory=list)

    def key(self, name: str) -> NodeKey:
        """A node by its name."""
        return next(key for key, node in self.state.nodes.items() if node.name == name)

    def probe(self, key: NodeKey, kind: ProbeKind = ProbeKind.SHELL, deadlines: Deadlines = PATIENCE) -> ProbeOutcome:
        """Probe one node."""
        scope = self.state.scope_of[key]
        return probe(self.opener, scope, key, kind, self.told.append, Event(), walk=walk, deadlines=deadlines)

    def probe_all(self, keys: Sequence[NodeKey], kind: ProbeKind = ProbeKind.SHELL) -> list[ProbeOutcome]:
        """Probe several nodes, side by side."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda key: self.probe(key, kind), keys))

    def learn(self, *outcomes: ProbeOutcome) -> FleetState:
        """Judge the nodes by what was met."""
        for each in outcomes:
            self.live.probed(self.state.scope_of[each.node].name, each)
            follow(self.live, self.state)
        return self.state


@contextmanager
def world_under_probes(aws: SimulatedAws, name: str) -> Iterator[Probed]:
    """A world, diagnosed to the end and ready to be probed."""
    aws.load(name)
    os.environ.update(without_aws_variables({}, aws.environment))
    workstation = WorkstationDescription().workstation
    live = LiveDiagnosis.start(
        DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url, workstation=workstation)
    )
    with tempfile.TemporaryDirectory() as folder:
        opener = Opener(SessionRegistry(Path(folder)), _calls_by(live, aws.endpoint_url), aws.endpoint_url)
        try:
            yield Probed(live, follow(live), opener)
        finally:
            opener.close()
            live.close()


def _calls_by(live: LiveDiagnosis, endpoint_url: str) -> Callable[[Scope], SessionClient]:
    def calls_for(scope: Scope) -> SessionClient:
        return SessionClient(ClientAccess.to(scope, endpoint_url), lambda: live.credentials(scope.name).result(10))

    return calls_for

"""The simulated AWS in threads of this process, for tests: its servers show one world, and a load starts over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ssmtui.simulator import gateway, state
from ssmtui.simulator.gateway.session_overrides import (
    AgentTiming,
    InjectedEnding,
    NetworkFault,
    NetworkFaultKind,
    SessionStep,
)
from ssmtui.simulator.process import ProxySocket, environment, listen
from ssmtui.simulator.request_control import ANY, Fault, FaultKind, Journal
from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.server import Server
from ssmtui.simulator.setup import load
from ssmtui.simulator.state import HiddenState
from ssmtui.simulator.worlds import world

_TEST_PACE: Final = 0.02


class SimulatedAws:
    """A simulated AWS in this process."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._regions: tuple[str, ...] = ("eu-west-3",)

    @property
    def endpoint_url(self) -> str:
        """What ``AWS_ENDPOINT_URL`` must be."""
        return self._server.endpoint_url

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions of the scenario, the home Region first."""
        return self._regions

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an SDK or the AWS CLI at it."""
        return environment(self.endpoint_url, self.regions[0])

    @property
    def journal(self) -> Journal:
        """What was asked since the scenario stands."""
        return state.journal

    def load(self, scenario: str | Scenario) -> None:
        """Start over with a scenario, by name or as a value; faults and journal are empty then.

        A scenario that stands already, and that nobody has touched, is not built again.
        """
        wanted = world(scenario) if isinstance(scenario, str) else scenario
        self.clear_faults()
        self.journal.clear()
        self._regions = tuple(region.name for region in wanted.regions)
        if not state.is_built(wanted):
            load(wanted, self._server.application)

    def fault(
        self,
        kind: FaultKind | str,
        service: str = ANY,
        operation: str = ANY,
        *,
        region: str = ANY,
        times: int | None = None,
        milliseconds: int = 0,
        access_key: str = ANY,
        after: int = 0,
        share: float = 1.0,
    ) -> None:
        """Make requests go wrong (see `Fault`), the first `times` of them only where that is given."""
        kind = FaultKind(kind)
        state.faults.add(Fault(kind, service, operation, region, times, milliseconds, access_key, after, share))

    def give_key(self, access_key: str, arn: str | None = None) -> None:
        """Have another access key belong to a principal: to the caller of the scenario, where none is named."""
        state.mark_changed()
        state.give_access_key(access_key, arn or str(state.caller_arn()))

    def clear_faults(self) -> None:
        """Let everything work again, and let go of held requests; sessions end as the state of the world says."""
        state.faults.clear()
        gateway.faults.clear()
        gateway.demands.clear()
        gateway.pace.reset()

    def network_fault(self, kind: NetworkFaultKind | str, **details: Any) -> None:  # noqa: ANN401 - a fault's fields
        """Make the sockets of sessions go wrong; `details` are fields of NetworkFault."""
        gateway.faults.add(NetworkFault(NetworkFaultKind(kind), **details))

    def demand(self, node_id: str, step: SessionStep | str, text: str | None, *, bare: bool = False) -> None:
        """Make sessions to a node end with that text at that step (see `Step`), or in silence."""
        gateway.demands[node_id] = InjectedEnding(node_id, SessionStep(step), text, bare)

    def proxy_variables(self, folder: Path) -> Mapping[str, str]:
        """The variables that lead the official plugin's KMS calls here; its files are in that folder."""
        address = urlsplit(self.endpoint_url)
        proxy_socket = ProxySocket.prepared(folder, (str(address.hostname), int(address.port or 0)))
        gateway.lead_through(proxy_socket)
        return proxy_socket.variables

    @property
    def pace(self) -> AgentTiming:
        """How fast the agents are; what a test changes counts until faults are cleared."""
        return gateway.pace

    @property
    def active_sessions(self) -> tuple[state.Session, ...]:
        """The sessions that have not ended, of every account and Region."""
        return tuple(each for each in state.all_sessions() if each.ended_at is None)

    def now(self) -> datetime:
        """What time it is there."""
        return state.now()

    def pass_time(self, by: timedelta) -> None:
        """Let time pass there at once, and nowhere else."""
        state.mark_changed()
        state.pass_time(by)

    def hidden(self, region: str | None = None) -> HiddenState:
        """What AWS hides in a Region (the home Region, where none is named), to look at and to change."""
        state.mark_changed()
        return state.hidden(state.ACCOUNT, region or self.regions[0])


@contextmanager
def serving() -> Iterator[SimulatedAws]:
    """A simulated AWS for as long as the context lasts. It is the process' memory, whichever server is asked."""

    def load_by_name(name: str) -> None:
        aws.load(name)

    server = Server(listen(), load_by_name)
    aws = SimulatedAws(server)
    server.start()
    state.gate.open()
    gateway.pace.factor = _TEST_PACE
    try:
        yield aws
    finally:
        state.faults.clear()
        server.stop()
        gateway.stop()

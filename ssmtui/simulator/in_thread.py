"""Run the simulated AWS in threads of this process, for tests. All its servers share one world; a load replaces it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ssmtui.simulator import gateway, state
from ssmtui.simulator.gateway.session_overrides import (
    AgentProgram,
    AgentTiming,
    InjectedEnding,
    NetworkFault,
    NetworkFaultKind,
    SessionStep,
)
from ssmtui.simulator.process import ProxySocket, environment, listen
from ssmtui.simulator.request_control import ANY, Fault, FaultKind, Journal
from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.server import Application, Server
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
        """The value for ``AWS_ENDPOINT_URL``."""
        return self._server.endpoint_url

    @property
    def application(self) -> Application:
        """The simulated AWS without its server."""
        return self._server.application

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions of the scenario, the home Region first."""
        return self._regions

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an SDK or the AWS CLI to this simulator."""
        return environment(self.endpoint_url, self.regions[0])

    @property
    def journal(self) -> Journal:
        """The requests since the scenario was loaded."""
        return state.journal

    def load(self, scenario: str | Scenario) -> None:
        """Load a scenario, by name or as a value, and clear faults and journal.

        A scenario that is loaded and unchanged is not built again.
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
        """Inject a fault into requests (see `Fault`), only the first `times` of them if that is given."""
        kind = FaultKind(kind)
        state.faults.add(Fault(kind, service, operation, region, times, milliseconds, access_key, after, share))

    def give_key(self, access_key: str, arn: str | None = None) -> None:
        """Assign another access key to a principal: to the caller of the scenario, if none is named."""
        state.mark_changed()
        state.give_access_key(access_key, arn or str(state.caller_arn()))

    def clear_faults(self) -> None:
        """Remove all faults, and release held requests; sessions end as the state of the world says."""
        state.faults.clear()
        gateway.faults.clear()
        gateway.demands.clear()
        gateway.pace.reset()

    def network_fault(self, kind: NetworkFaultKind | str, **details: Any) -> None:  # noqa: ANN401 - a fault's fields
        """Inject a fault into the sockets of sessions; `details` are fields of NetworkFault."""
        gateway.faults.add(NetworkFault(NetworkFaultKind(kind), **details))

    def demand(self, node_id: str, step: SessionStep | str, text: str | None, *, bare: bool = False) -> None:
        """Make sessions to a node end with that text at that step (see `SessionStep`), or in silence."""
        gateway.demands[node_id] = InjectedEnding(node_id, SessionStep(step), text, bare)

    def kill(self, node_id: str, program: AgentProgram | str, region: str | None = None) -> None:
        """Kill a program of a simulated node's agent (in the home Region, if none is named)."""
        state.mark_changed()
        gateway.kill(state.ACCOUNT, region or self.regions[0], node_id, AgentProgram(program))

    def proxy_variables(self, folder: Path) -> Mapping[str, str]:
        """Return the variables that send the official plugin's KMS calls here; its files are in that folder."""
        address = urlsplit(self.endpoint_url)
        proxy_socket = ProxySocket.prepared(folder, (str(address.hostname), int(address.port or 0)))
        gateway.lead_through(proxy_socket)
        return proxy_socket.variables

    @property
    def pace(self) -> AgentTiming:
        """The speed of the agents; a test's changes last until faults are cleared."""
        return gateway.pace

    @property
    def active_sessions(self) -> tuple[state.Session, ...]:
        """The sessions that have not ended, of every account and Region."""
        return tuple(each for each in state.all_sessions() if each.ended_at is None)

    def now(self) -> datetime:
        """The time in the simulated account."""
        return state.now()

    def pass_time(self, by: timedelta) -> None:
        """Advance the clock of the simulated account, and of nothing else."""
        state.mark_changed()
        state.pass_time(by)

    def hidden(self, region: str | None = None) -> HiddenState:
        """Return the hidden state of a Region (the home Region, if none is named), to read and to change."""
        state.mark_changed()
        return state.hidden(state.ACCOUNT, region or self.regions[0])


@contextmanager
def serving() -> Iterator[SimulatedAws]:
    """Yield a simulated AWS. Its state is the process's memory, shared by all servers."""

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

"""`ssmtui tunnel`: a port forwarded until somebody interrupts it. What happens to it is told on standard error."""

from __future__ import annotations

import time

from ssmtui.cli.changes.desk import refuse_if_read_only
from ssmtui.cli.listed_nodes import listed_nodes, state_of
from ssmtui.cli.one_node import FoundNode, node_called
from ssmtui.cli.printing import complain
from ssmtui.cli.refusals import CouldNotTell, NothingToDo, UsageError
from ssmtui.cli.run import Run
from ssmtui.language import say
from ssmtui.model.node import PlatformFamily
from ssmtui.model.plain_text import printable
from ssmtui.model.tunnel import Tunnel, TunnelRequest, TunnelState
from ssmtui.report.outcome import ExitCode
from ssmtui.session.desk import Sessions
from ssmtui.session.tunnels.forward import Forward, NoForward, read_forward
from ssmtui.session.tunnels.telling import told

_LOOK_UP = 0.1
"""Seconds between two looks at the tunnel: by then, Ctrl-C is heard on every platform."""


def tunnel_to(run: Run, where: str, *, reason: str, document: str | None) -> ExitCode:
    """Forward a port until it is interrupted, or cannot be kept open.

    Raises:
        UsageError, CouldNotTell, NothingToDo: as they say.

    """
    forward = _read(where)
    refuse_if_read_only(run)
    with listed_nodes(run) as listing:
        found = node_called(state_of(run, listing), run.nodes[0])
        scope = found.scope
        refuse_if_read_only(run, scope.name.profile)
        _must_have_desktop(found, forward)
        request = TunnelRequest(scope, found.id, forward.port, forward.host, forward.local, reason, document)
        desk = run.sessions(listing.credentials)
        if desk is None:
            raise NothingToDo(say("this run is read-only: no session can be opened"))
        leftovers = desk.end_leftovers(scope)
        try:
            return _kept_open(desk, request, found.node.name if found.node is not None else "")
        finally:
            desk.close()
            if leftovers.done() and not leftovers.exception() and leftovers.result():
                complain(leftovers.result())


def _kept_open(desk: Sessions, request: TunnelRequest, name: str) -> ExitCode:
    opened = desk.open_tunnel(request)
    if opened.state is TunnelState.FAILED:
        raise UsageError(opened.why)
    before: Tunnel | None = None
    while True:
        now = desk.tunnels()[-1]
        sentence = told(before, now, name)
        if now.state is TunnelState.FAILED:
            raise (NothingToDo if now.denied else CouldNotTell)(sentence)
        if sentence:
            complain(sentence)
            if before is None or before.state is TunnelState.OPENING:
                complain(say("It is forwarded until you press Ctrl-C."))
        before = now
        time.sleep(_LOOK_UP)


def _read(where: str) -> Forward:
    try:
        return read_forward(where)
    except NoForward as error:
        raise UsageError(str(error)) from error


def _must_have_desktop(found: FoundNode, forward: Forward) -> None:
    """A remote desktop is what Windows has; on a host behind the node there may be one."""
    node = found.node
    if node is None or node.platform_family in (PlatformFamily.WINDOWS, None):
        return
    if forward.desktop and not forward.host:
        raise UsageError(
            say(
                "{node} runs {platform}, which has no remote desktop: name a port",
                node=found.words,
                platform=printable(node.platform),
            )
        )

"""`ssmtui tunnel`: a port forwarded until somebody interrupts it. What happens to it is told on standard error."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

from ssmtui.cli.checking import say_errors, say_unknown_nodes
from ssmtui.cli.listed_nodes import listed_nodes
from ssmtui.cli.refusals import CouldNotTell, NothingToDo, UsageError
from ssmtui.cli.run import Run
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.node import Node, PlatformFamily
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
    if run.settings.read_only:
        raise NothingToDo(say("this run is read-only: no session is opened"))
    with listed_nodes(run) as listing:
        state = listing.state()
        say_errors(state)
        if code := say_unknown_nodes(state):
            return code
        node = _the_node(state)
        _must_have_desktop(node, forward)
        scope = state.scope_of[node.key]
        request = TunnelRequest(scope, node.id, forward.port, forward.host, forward.local, reason, document)
        desk = run.sessions(listing.credentials)
        if desk is None or run.settings.is_read_only(scope.name.profile):
            raise NothingToDo(say("this run is read-only: no session is opened"))
        leftovers = desk.end_leftovers(scope)
        try:
            with _hang_up_ends():
                return _kept_open(desk, request, node.name)
        finally:
            desk.close()
            if leftovers.done() and not leftovers.exception() and leftovers.result():
                click.echo(leftovers.result(), err=True)


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
            click.echo(f"ssmtui: {sentence}", err=True)
            if before is None or before.state is TunnelState.OPENING:
                click.echo("ssmtui: " + say("It is forwarded until you press Ctrl-C."), err=True)
        before = now
        time.sleep(_LOOK_UP)


def _read(where: str) -> Forward:
    try:
        return read_forward(where)
    except NoForward as error:
        raise UsageError(str(error)) from error


def _the_node(state: FleetState) -> Node:
    """The one node that is meant. Raises CouldNotTell where there are several, or none could be listed."""
    nodes = sorted(state.nodes.values(), key=lambda each: each.id)
    if not nodes:
        raise CouldNotTell(say("the nodes could not be listed"))
    if len(nodes) > 1:
        ids = ", ".join(f"{each.id} ({each.key.region})" for each in nodes)
        raise CouldNotTell(
            say("several nodes are named {name}: {ids}. Name one by its id.", name=printable(nodes[0].name), ids=ids)
        )
    return nodes[0]


def _must_have_desktop(node: Node, forward: Forward) -> None:
    """A remote desktop is what Windows has; on a host behind the node there may be one."""
    if forward.desktop and not forward.host and node.platform_family not in (PlatformFamily.WINDOWS, None):
        raise UsageError(
            say(
                "{node} runs {platform}, which has no remote desktop: name a port",
                node=printable(node.name or node.id),
                platform=printable(node.platform),
            )
        )


@contextmanager
def _hang_up_ends() -> Iterator[None]:
    """A terminal that is closed ends the tunnel as SIGTERM does, unless it was started to outlive it (nohup)."""
    if sys.platform == "win32" or signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(signal.SIGHUP, _hung_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _hung_up(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(ExitCode.TERMINATED)

"""`ssmtui tunnel`: forward a port until interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NoReturn

from ssmtui.cli.change_service import refuse_if_read_only
from ssmtui.cli.errors import NothingToDo, UndeterminedError, UsageError
from ssmtui.cli.node_selection import SelectedNode, check_command, node_listing, node_named, wait_for_listing
from ssmtui.cli.printing import print_message
from ssmtui.cli.progress import show_progress
from ssmtui.cli.run import Run
from ssmtui.language import say
from ssmtui.model.node import InstanceState, PlatformFamily
from ssmtui.model.sessions import Tunnel, TunnelRequest, TunnelState
from ssmtui.session.session_service import SessionService
from ssmtui.session.tunnels.forward import Forward, InvalidForward, read_forward, transfer_message, tunnel_message
from ssmtui.text.printable import printable

_LOOK_UP = 0.1
"""Seconds between two looks at the tunnel, so that Ctrl-C works on every platform."""


def tunnel_to(run: Run, where: str, *, reason: str, document: str | None) -> NoReturn:
    """Forward a port until it is interrupted, or cannot be kept open.

    Raises:
        UsageError, UndeterminedError, NothingToDo: see these classes.

    """
    forward = _read(where)
    refuse_if_read_only(run)
    with node_listing(run) as listing:
        found = node_named(wait_for_listing(run, listing), run.nodes[0])
        scope = found.scope
        refuse_if_read_only(run, scope.name.profile)
        _must_have_desktop(found, forward)
        request = TunnelRequest(scope, found.id, forward.port, forward.host, forward.local, reason, document)
        service = run.sessions(listing.credentials)
        if service is None:
            raise NothingToDo(say("read-only mode: sessions cannot be opened"))
        leftovers = service.end_leftovers(scope)
        try:
            _keep_open(service, request, found)
        finally:
            service.close()
            if leftovers.done() and not leftovers.exception() and leftovers.result():
                print_message(leftovers.result())


def _keep_open(service: SessionService, request: TunnelRequest, found: SelectedNode) -> NoReturn:
    opened = service.open_tunnel(request)
    if opened.state is TunnelState.FAILED:
        raise UsageError(opened.why)
    try:
        with show_progress(say("opening a session on {node}", node=found.words)) as end_progress:
            _report_changes(service, found, end_progress)
    finally:
        if told := transfer_message(service.tunnels()[-1]):
            print_message(told)


def _report_changes(service: SessionService, found: SelectedNode, end_progress: Callable[[], None]) -> NoReturn:
    before: Tunnel | None = None
    name = found.node.name if found.node is not None else ""
    while True:
        now = service.tunnels()[-1]
        if now.state is not TunnelState.OPENING:
            end_progress()
        sentence = tunnel_message(before, now, name)
        if now.state is TunnelState.FAILED:
            lines = (sentence, *_next_steps(found))
            raise (NothingToDo if now.denied else UndeterminedError)("\n".join(lines))
        if sentence:
            print_message(sentence)
            if before is None or before.state is TunnelState.OPENING:
                print_message(say("The port is forwarded until you press Ctrl-C."))
        before = now
        time.sleep(_LOOK_UP)


def _next_steps(found: SelectedNode) -> Iterator[str]:
    node = found.node
    if node is not None and node.state not in (InstanceState.RUNNING, None):
        yield say("{node} is not running, so it cannot open sessions.", node=found.words)
    yield say("To find the cause: {command}", command=printable(check_command(found)))


def _read(where: str) -> Forward:
    try:
        return read_forward(where)
    except InvalidForward as error:
        raise UsageError(str(error)) from error


def _must_have_desktop(found: SelectedNode, forward: Forward) -> None:
    """Refuse `rdp` for a node that is not Windows. A host behind the node may still have a remote desktop."""
    node = found.node
    if node is None or node.platform_family in (PlatformFamily.WINDOWS, None):
        return
    if forward.desktop and not forward.host:
        raise UsageError(
            say(
                "{node} runs {platform}, which has no remote desktop: specify a port",
                node=found.words,
                platform=printable(node.platform),
            )
        )

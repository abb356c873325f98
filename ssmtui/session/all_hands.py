"""The hands of the desk: which module does what with a session. Each is imported when it is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.session.calls import SessionProblem
from ssmtui.session.opening.hands import Hands, Tunnels

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageTold
    from ssmtui.model.scope import Scope
    from ssmtui.model.session_opening import SessionEnding
    from ssmtui.session.opening.opener import Opener, OpenSession


def hands() -> Hands:
    """All of them."""
    return Hands(_by_plugin, _by_builtin, _why_no_plugin, _probe, _tunnels)


def _by_plugin(session: OpenSession, endpoint_url: str | None) -> SessionEnding:
    from ssmtui.session.plugin.holding import hold

    return hold(session, endpoint_url)


def _by_builtin(session: OpenSession, _endpoint_url: str | None) -> SessionEnding:
    if sys.platform == "win32":
        why = say("A session without the plugin takes a terminal of Linux or macOS.")
        raise SessionProblem(why, is_own=True)
    from ssmtui.session.builtin.holding import hold

    return hold(session)


def _why_no_plugin() -> str:
    from ssmtui.session.plugin.preflight import preflight

    return preflight().why


def _probe(
    opener: Opener,
    scope: Scope,
    node: NodeKey,
    kind: ProbeKind,
    told: Callable[[StageTold], None],
    given_up: Event,
) -> ProbeOutcome:
    from ssmtui.session.probe.on_channel import walk
    from ssmtui.session.probe.probing import probe

    return probe(opener, scope, node, kind, told, given_up, walk=walk)


def _tunnels(opener: Opener) -> Tunnels:
    from ssmtui.session.tunnels.by_plugin import tunnels

    return tunnels(opener)

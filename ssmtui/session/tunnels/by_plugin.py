"""Tunnels by the opener and the plugin of this computer: what the desk asks for."""

from __future__ import annotations

import logging

from ssmtui.language import say
from ssmtui.model.session_opening import OpenedSession, SessionPurpose, SessionRequest
from ssmtui.session.calls import SessionProblem
from ssmtui.session.ledger import LedgerUnusable
from ssmtui.session.left_plugins import StartedPlugin
from ssmtui.session.opening.opener import Opener
from ssmtui.session.plugin.invocation import Invocation
from ssmtui.session.plugin.preflight import preflight
from ssmtui.session.plugin.preparing import NoPlugin, prepare
from ssmtui.session.tunnels.means import Means
from ssmtui.session.tunnels.plugin_tunnels import PluginTunnels

_log = logging.getLogger(__name__)


def tunnels(opener: Opener) -> PluginTunnels:
    """No tunnel yet, and the way to open some."""

    def opened(request: SessionRequest) -> OpenedSession:
        # Looked for first: a session that no plugin carries would be opened in vain.
        if why := preflight().why:
            raise NoPlugin(why, is_own=True)
        return opener.open(request, SessionPurpose.TUNNEL).opened

    def prepared(_request: SessionRequest, session: OpenedSession) -> Invocation:
        found = opener.find(session.id)
        if found is None:
            raise SessionProblem(say("the session {id} is not open any more", id=session.id), is_own=True)
        return prepare(found, opener.endpoint_url)

    def carried(session_id: str, pid: int) -> None:
        plugin = StartedPlugin.of(pid)
        if plugin is None:
            return
        try:
            opener.ledger.carried_by(session_id, plugin)
        except LedgerUnusable as unusable:
            _log.warning("%s", unusable)

    return PluginTunnels(Means(opened, opener.end_quietly, prepared, carried))

"""Say before a session is requested what is known to stop it, and offer to continue only if it can work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.app import App

from ssmtui.language import say, translatable
from ssmtui.model.finding import Link, LinkState, VerdictStatus
from ssmtui.model.node import PingStatus
from ssmtui.ui.screens.dialogs import KeyDialog
from ssmtui.ui.screens.screen_requests import PreviewFix
from ssmtui.ui.text import sessions as texts
from ssmtui.ui.text.sessions import MOST_FIXES, node_label
from ssmtui.ui.widgets.key_bindings import ENTER, KeyOption

if TYPE_CHECKING:
    from ssmtui.model.node import Node
    from ssmtui.session.session_service import SessionService
    from ssmtui.ui.state.app_context import AppContext

_TRY_ANYWAY = KeyOption(ENTER, "⏎", translatable("Try"))
_CONTINUE = KeyOption(ENTER, "⏎", translatable("Continue"))

_LINKS_TO_AGENT = (Link.INSTANCE, Link.IDENTITY, Link.NETWORK, Link.AGENT)
"""The links without which no session of any kind reaches the node."""


async def confirm_failing_node(app: App[None], context: AppContext, node: Node, *, for_tunnel: bool = False) -> bool:
    """Say why a node fails, and return whether to continue. One key previews a fix, another tries anyway.

    A tunnel does not depend on the preferences: whether trying is offered depends on the links that it needs.
    """
    fleet_view = context.fleet_view
    verdict = fleet_view.verdict(node.key)
    if verdict.status is not VerdictStatus.FAIL:
        return True
    found = (each for each in fleet_view.findings_of(node.key) if each.finding.cause == verdict.root_cause)
    fleet_finding = next(found, None)
    fixes = fleet_finding.finding.fixes[:MOST_FIXES] if fleet_finding else ()
    numbers = tuple(KeyOption(str(number), str(number), translatable("Fix")) for number, _ in enumerate(fixes, start=1))
    can_try = not for_tunnel or not _is_cut_off(context, node)
    go_on = () if not can_try else (_CONTINUE if for_tunnel else _TRY_ANYWAY,)
    prose = texts.broken_prose(fleet_view, fleet_finding, for_tunnel=for_tunnel, can_try=can_try)
    title = say("{node} has a known failure", node=node_label(node))
    key = await _answer(app, KeyDialog(title, prose, (*go_on, *numbers)))
    if fleet_finding is not None and key is not None and key.isdecimal():
        app.post_message(PreviewFix(fleet_finding.scope.name, fixes[int(key) - 1], fleet_finding.id))
    return key == ENTER


async def confirm_plugin(app: App[None], sessions: SessionService) -> bool:
    """Return whether there is a plugin that can forward a port; without one, say how to install it."""
    plugin = await asyncio.to_thread(sessions.preflight)
    if not plugin.why:
        return True
    prose = texts.no_plugin_prose(plugin.why, plugin.steps, for_tunnel=True)
    await _answer(app, KeyDialog(say("No Session Manager plugin"), prose, ()))
    return False


async def _answer(app: App[None], dialog: KeyDialog) -> str | None:
    return await app.push_screen_wait(dialog)


def _is_cut_off(context: AppContext, node: Node) -> bool:
    """Return whether no session reaches the node: a link to the agent fails, and AWS says that the agent is away."""
    verdict = context.fleet_view.verdict(node.key)
    failing = next((link for link in Link if verdict.link(link) is LinkState.FAIL), None)
    return failing in _LINKS_TO_AGENT and node.ping is not PingStatus.ONLINE

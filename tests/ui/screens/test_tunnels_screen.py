"""Tunnels on screen: opened from a row by a form, listed, told of wherever one is, and asked about before leaving."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from textual import events

from ssmtui.model.finding import VerdictStatus
from ssmtui.model.session_client import SessionClient
from ssmtui.model.sessions import REMOTE_DESKTOP, TunnelState
from ssmtui.session.plugin.invocation import Preflight
from ssmtui.ui.screens.dialogs import ConfirmDialog, KeyDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.screens.tunnels_screen import TunnelForm, TunnelsScreen
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.tunnelled_sessions import TunnelledSessions, some_tunnels, through
from tests.ui.waiting import until


async def form_on(shown: Opened, name: str) -> TunnelForm:
    """The form, opened on the row of a node."""
    shown.fleet.narrow(name)
    await until(shown.pilot, lambda: shown.names == [name])
    await shown.press("t")
    if shown.app.context.fleet_view.verdict(shown.nodes.keys[0]).status is VerdictStatus.FAIL:
        await shown.until_screen(KeyDialog)
        await shown.press("enter")
    await shown.until_screen(TunnelForm)
    form = shown.app.screen
    assert isinstance(form, TunnelForm)
    return form


async def listed(shown: Opened) -> TunnelsScreen:
    await shown.press("T")
    await shown.until_screen(TunnelsScreen)
    screen = shown.app.screen
    assert isinstance(screen, TunnelsScreen)
    return screen


def notices(shown: Opened) -> list[str]:
    return [each.message for each in shown.app._notifications]


async def test_a_port_is_forwarded_through_the_node_under_the_cursor() -> None:
    sessions = TunnelledSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await form_on(shown, "web-2")
        await shown.write("8080")
        await shown.press("enter")
        await shown.until_screen(FleetScreen)
        [tunnel] = sessions.tunnels()
        request = tunnel.request
        assert (request.target, request.remote_port, request.host, request.local_port) == (
            through("web-2").id,
            8080,
            "",
            0,
        )
        sessions.now_is(1, TunnelState.OPEN)
        await until(shown.pilot, lambda: notices(shown) == ["localhost:40001 forwards to web-2:8080"])


@dataclass(frozen=True)
class Said:
    """What is said before the form of a tunnel: words, whether one can go on, and where Enter leads."""

    words: tuple[str, ...]
    can_go_on: bool
    then: type


_PLUGIN = Preflight("/opt/session-manager-plugin", "1.2.764.0")
_NO_PLUGIN = Preflight(why="session-manager-plugin is not installed")
_BEFORE_THE_FORM = {
    # The agent is cut off.
    "ci-runner-1": (_PLUGIN, Said(("The node is not connected: no tunnel can reach it",), False, KeyDialog)),
    # A logging setting stops shells, and forwards ports all the same.
    "eu-worker-1": (_PLUGIN, Said(("not encrypted", "A tunnel can work"), True, TunnelForm)),
    "web-2": (_NO_PLUGIN, Said(("is not installed", "tunnels need no plugin"), False, KeyDialog)),
}


@pytest.mark.parametrize("name", _BEFORE_THE_FORM)
async def test_a_tunnel_that_cannot_work_says_so_before_its_form(name: str) -> None:
    plugin, said = _BEFORE_THE_FORM[name]
    sessions = TunnelledSessions()
    sessions.plugin, sessions.client = plugin, SessionClient.PLUGIN
    async with opened(demo_inquiry(), sessions=sessions, size=(80, 24)) as shown:
        shown.fleet.narrow(name)
        await until(shown.pilot, lambda: shown.names == [name])
        await shown.press("t")
        await shown.until_screen(KeyDialog)
        for words in said.words:
            await shown.until_said(words)
        assert ("⏎ Continue" in shown.painted) is said.can_go_on
        await shown.press("enter")
        await shown.until_screen(said.then)
    assert sessions.tunnels() == ()


async def test_the_built_in_client_needs_no_plugin() -> None:
    sessions = TunnelledSessions()
    sessions.plugin = _NO_PLUGIN
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await form_on(shown, "web-2")


async def test_a_host_behind_the_node_and_a_port_of_one_s_own_are_asked_for_line_by_line() -> None:
    sessions = TunnelledSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await form_on(shown, "web-2")
        await shown.write("5432")
        await shown.press("tab")
        await shown.write("db")
        await shown.press("down")
        await shown.write("15432")
        await shown.press("enter")
        await until(shown.pilot, lambda: len(sessions.tunnels()) == 1)
        request = sessions.tunnels()[0].request
        assert (request.host, request.remote_port, request.local_port) == ("db", 5432, 15432)


async def test_enter_does_not_outrun_what_was_typed_before_it() -> None:
    sessions = TunnelledSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await form_on(shown, "web-2")
        for key, character in (("8", "8"), ("0", "0"), ("enter", "\r")):
            shown.app.post_message(events.Key(key, character))
        await shown.until_screen(FleetScreen)
        assert [each.request.remote_port for each in sessions.tunnels()] == [80]


async def test_a_windows_node_is_offered_its_remote_desktop() -> None:
    async with opened(demo_inquiry(), sessions=TunnelledSessions()) as shown:
        windows = next(
            node.name
            for node in shown.app.context.fleet_view.state.nodes.values()
            if node.platform_family is not None and node.platform_family.value == "Windows"
        )
        form = await form_on(shown, windows)
        assert form.port.value == str(REMOTE_DESKTOP)


async def test_what_is_no_port_is_said_and_the_form_stays() -> None:
    sessions = TunnelledSessions()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await form_on(shown, "web-2")
        await shown.write("http")
        await shown.press("enter")
        await shown.until_said("http is not a port: a port is a number from 1 to 65535")
        await shown.press("escape")
        await shown.until_screen(FleetScreen)
        assert sessions.tunnels() == ()


async def test_every_tunnel_is_listed_with_its_state_its_age_and_its_bytes() -> None:
    async with opened(demo_inquiry(), sessions=some_tunnels(), size=(120, 40)) as shown:
        screen = await listed(shown)
        assert list(screen.rows.keys) == [5, 4, 3, 2, 1]
        for words in ("✖ failed", "▲ reopening", "● open", "■ closed", "12 min", "912 MB", "18 kB"):
            await shown.until_said(words)
        await shown.press("down", "down")
        await shown.until_said("localhost:15432 → orders.cluster-c1.eu-west-3.rds.amazonaws.com:5432 behind api-1")
        await shown.until_said("this computer was asleep for 1 h 12 min")
        await shown.press("c")
        assert shown.app.clipboard == "localhost:15432"


async def test_one_is_opened_anew_and_one_is_closed_from_there() -> None:
    sessions = some_tunnels()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        screen = await listed(shown)
        assert screen.why_not("end", ()) == "this tunnel is closed"
        await shown.press("r")
        assert sessions.reopened == [5]
        await shown.press("down", "d")
        assert sessions.tunnels_closed == [4]
        await shown.press("T")
        await shown.until_screen(FleetScreen)


async def test_what_happens_is_told_wherever_one_is() -> None:
    sessions = some_tunnels()
    async with opened(demo_inquiry(), sessions=sessions) as shown:
        await until(shown.pilot, lambda: len(notices(shown)) == 5)
        sessions.now_is(2, TunnelState.REOPENING, why="the plugin ended")
        await until(shown.pilot, lambda: "localhost:40128 is reconnecting: the plugin ended" in notices(shown))
        sessions.now_is(2, TunnelState.OPEN, why="the plugin ended", reopened=1)
        await until(shown.pilot, lambda: "localhost:40128 forwards to web-2:8080 again" in notices(shown))


async def test_leaving_with_open_tunnels_asks() -> None:
    async with opened(demo_inquiry(), sessions=some_tunnels()) as shown:
        await shown.press("q")
        await shown.until_screen(ConfirmDialog)
        await shown.until_said("3 tunnels are open. They close when ssmtui quits.")
        await shown.press("n")
        await shown.until_screen(FleetScreen)
        await shown.press("q")
        await shown.until_screen(ConfirmDialog)
        await shown.press("y")
        await until(shown.pilot, lambda: not shown.app.is_running)


async def test_read_only_opens_none_and_says_so() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("t")
        assert any("sessions are disabled" in each for each in notices(shown))
        await listed(shown)
        await shown.until_said("sessions are disabled")


async def test_without_a_tunnel_it_says_how_one_is_opened() -> None:
    async with opened(demo_inquiry(), sessions=TunnelledSessions()) as shown:
        await listed(shown)
        await shown.until_said("No tunnel is open.")
        await shown.press("escape")
        await shown.until_screen(FleetScreen)


async def test_what_is_told_of_a_tunnel_begins_as_sentences_do() -> None:
    sessions = TunnelledSessions()
    async with opened(demo_inquiry(), sessions=sessions, notifications=True) as shown:
        await form_on(shown, "web-2")
        await shown.write("8080")
        await shown.press("enter")
        for state, why in ((TunnelState.OPEN, ""), (TunnelState.FAILED, "no plugin")):
            told = len(notices(shown))
            sessions.now_is(1, state, why=why)
            await until(shown.pilot, lambda told=told: len(notices(shown)) > told)  # type: ignore[misc]
        assert notices(shown) == [
            "localhost:40001 forwards to web-2:8080",
            "The tunnel to web-2:8080 failed: no plugin",
        ]

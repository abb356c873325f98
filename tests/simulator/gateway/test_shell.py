"""The simulated shell by itself."""

from __future__ import annotations

import pytest

from ssmtui.simulator.gateway.shell import Shell, SimulatedHost, answer

WEB = SimulatedHost("web-1", "i-0123456789abcdef0")
PROMPT = WEB.prompt


@pytest.fixture
def shell() -> Shell:
    return Shell(WEB)


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("echo a\x7fb\r", f"echo a\b \bb\r\nb\r\n{PROMPT}"),
        ("\x7fwhoami\r", f"whoami\r\nssm-user\r\n{PROMPT}"),
        ("rm -rf /\x15\r", "rm -rf /" + "\b \b" * 8 + "\r\n" + PROMPT),
        ("half\x03", f"half^C\r\n{PROMPT}"),
        ("\x1b[A\x1bOP\x1b[1;5Cx\r", f"x\r\nsh: x: simulated shell, command not found\r\n{PROMPT}"),
        ("a\tb\x00\r", f"ab\r\nsh: ab: simulated shell, command not found\r\n{PROMPT}"),
        ("line\x04", "line"),
        ("\r", f"\r\n{PROMPT}"),
    ],
)
def test_keys_edit_a_line(shell: Shell, keys: str, shown: str) -> None:
    assert shell.typed(keys) == shown
    assert not shell.is_over


def test_what_is_typed_ahead_waits_for_the_command(shell: Shell) -> None:
    assert shell.typed("sleep 5\rhostname\r") == "sleep 5\r\n"
    assert shell.pause == 5
    assert shell.woken() == f"{PROMPT}hostname\r\nweb-1\r\n{PROMPT}"


def test_an_interrupt_drops_what_was_typed_ahead(shell: Shell) -> None:
    shell.typed("sleep 5\rhostname\r")
    assert shell.typed("\x03") == f"^C\r\n{PROMPT}"
    assert (shell.pause, shell.woken()) == (0, PROMPT)


def test_nothing_is_heard_after_the_end(shell: Shell) -> None:
    assert shell.typed("exit\rwhoami\r") == "exit\r\nexit\r\n"
    assert shell.is_over


def test_windows_has_answers_of_its_own() -> None:
    windows = SimulatedHost("iis-1", "i-1", is_windows=True)
    assert answer(windows, ["whoami"]).text == "nt authority\\system"
    assert windows.prompt.startswith("PS ")

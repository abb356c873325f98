"""How a session ended, by the last of what the plugin wrote (docs/facts/failure-texts.md §1)."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.model.sessions import SessionEnding
from ssmtui.session.plugin.output import OutputTail, ending

ID = "jane-0123456789abcdef0"
BLOCK = "----------ERROR-------\nUnable to start command: failed to start pty since RunAs user ops does not exist"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"$ exit\n\n\nExiting session with sessionId: {ID}.\n\n", SessionEnding(ID, over=True)),
        (f"42\nEXIT_CODE: 7\n\nExiting session with sessionId: {ID}.\n\n", SessionEnding(ID, exit_code=7, over=True)),
        (f"42EXIT_CODE: 7\n\nExiting session with sessionId: {ID}.\n\n", SessionEnding(ID, exit_code=7, over=True)),
        *(
            (f"EXIT_CODE: {code}\n\nExiting session with sessionId: {ID}.\n\n", SessionEnding(ID, "", told, over=True))
            for code, told in (("0", 0), ("256", 255), ("-1", 255), ("9" * 5_000, 255), ("none", 255))
        ),
        (f"EXIT_CODE: 7\nmore\n\nExiting session with sessionId: {ID}.\n\n", SessionEnding(ID, over=True)),
        (f"\n\nSessionId: {ID} : {BLOCK}\n\n", SessionEnding(ID, BLOCK, over=True)),
        (
            f"\nStarting session with SessionId: {ID}\nCannot perform start session: EOF\n",
            SessionEnding(ID, "Cannot perform start session: EOF"),
        ),
        (f"Session: {ID} timed out.\n", SessionEnding(ID, f"Session: {ID} timed out.", over=True)),
        ("", SessionEnding(ID)),
    ],
)
def test_the_last_line_tells(text: str, told: SessionEnding) -> None:
    assert ending(ID, text, 0) == told


@pytest.mark.parametrize(
    "text",
    [
        f"\n\nExiting session with sessionId: {ID}.\n\n$ ",
        "\n\nExiting session with sessionId: joe-0123456789abcdef0.\n\n",
        f"\n\nSessionId: {ID} : gone\n\n$ still here",
        f"Session: {ID} timed out.\n$ ",
        "\nCannot perform start session: EOF\n$ ",
    ],
)
def test_what_a_program_on_the_node_printed_before_its_prompt_is_no_end(text: str) -> None:
    assert ending(ID, text, 0) == SessionEnding(ID)


def test_of_a_plugin_that_was_killed_nothing_is_believed() -> None:
    assert ending(ID, f"\n\nExiting session with sessionId: {ID}.\n\n", -2) == SessionEnding(ID, exit_code=130)


def test_the_tail_is_small_and_has_the_line_ends_of_the_plugin() -> None:
    tail = OutputTail()
    tail.read(b"secret " * 100_000)
    tail.read(b"\r\n\r\n\xff")
    tail.read(b"x\r\r\n")
    assert tail.text.endswith("secret \n\n\N{REPLACEMENT CHARACTER}x\n")
    assert len(tail.text) <= 16 * 1024
    assert "secret" not in repr(tail)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (f"\n\nSessionId: {ID} : {BLOCK}\n\n", "run-as-user-absent"),
        ("\nCannot perform start session: EOF\n", "no-terminal"),
        (f"Session: {ID} timed out.\n", "session-idle-timeout"),
    ],
)
def test_what_is_told_of_the_end_is_known_to_explain(text: str, cause: str) -> None:
    matches = match_text(ending(ID, text, 0).text, catalogue().values())
    assert cause in [match.cause for match in matches]

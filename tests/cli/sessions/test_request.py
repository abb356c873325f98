"""What `ssmtui connect` asks StartSession for."""

from __future__ import annotations

import pytest

from ssmtui.cli.connect import ConnectRequest, connect_request, parameters_in
from ssmtui.cli.errors import UsageError


@pytest.mark.parametrize(
    ("given", "parameters"),
    [
        ((), ()),
        (("portNumber=22",), (("portNumber", ("22",)),)),
        (("a=1", "b=x=y", "a=2"), (("a", ("1", "2")), ("b", ("x=y",)))),
        (('command=["ls -l", "pwd"]',), (("command", ("ls -l", "pwd")),)),
        (('{"portNumber": ["22"], "host": "db"}',), (("portNumber", ("22",)), ("host", ("db",)))),
        (("empty=",), (("empty", ("",)),)),
    ],
)
def test_parameters_are_taken_as_the_aws_cli_has_them(
    given: tuple[str, ...], parameters: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    assert parameters_in(given) == parameters


@pytest.mark.parametrize(
    "text",
    ["portNumber", "=22", "a=[1]", "a=[", "{", "{}x", '{"a": 1}', '{"a": [1]}', "a\x1b[2J", "a=" + "[" * 100_000],
)
def test_what_is_no_parameter_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parameters_in((text,))
    assert refused.value.message.startswith('--parameter must be NAME=VALUE, NAME=["VALUE", …] or a JSON object, not ')
    assert "\x1b" not in refused.value.message


def test_a_command_has_a_terminal_where_a_person_sits_before_one() -> None:
    assert connect_request("web-1", ("ls", "-l", "a b"), None, (), on_terminal=True) == ConnectRequest(
        "web-1", "AWS-StartInteractiveCommand", (("command", ("ls -l 'a b'",)),)
    )


def test_a_command_that_a_script_reads_has_none_and_tells_its_exit_code() -> None:
    assert connect_request("web-1", ("uptime",), None, (), on_terminal=False) == ConnectRequest(
        "web-1", "AWS-StartNonInteractiveCommand", (("command", ("uptime",)), ("separateOutputStream", ("true",)))
    )


def test_one_word_is_a_line_for_the_shell() -> None:
    wanted = connect_request("web-1", ("cat *.log | wc -l",), None, (), on_terminal=True)
    assert wanted.parameters == (("command", ("cat *.log | wc -l",)),)


@pytest.mark.parametrize(("document", "given"), [("mine", ()), (None, ("a=1",))])
def test_a_command_and_a_document_are_too_much(document: str | None, given: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        connect_request("web-1", ("ls",), document, given, on_terminal=True)

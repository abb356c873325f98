"""What `ssmtui connect` asks StartSession for."""

from __future__ import annotations

import pytest

from ssmtui.cli.connect import connect_request, parameters_in
from ssmtui.cli.errors import UsageError
from ssmtui.model.node import PlatformFamily
from ssmtui.session.remote_command import is_marked
from tests.builders.fleet import a_scope


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
    wanted = connect_request("web-1", ("ls", "-l"), None, (), on_terminal=True)
    request = wanted.request(a_scope(), "i-1", PlatformFamily.LINUX)
    assert (request.document, [name for name, _ in request.parameters]) == ("AWS-StartInteractiveCommand", ["command"])
    assert wanted.request_without_streams(a_scope(), "i-1", PlatformFamily.LINUX) is None


def test_a_command_that_a_script_reads_has_none_and_tells_its_exit_code() -> None:
    wanted = connect_request("web-1", ("uptime", "-p"), None, (), on_terminal=False)
    request = wanted.request(a_scope(), "i-1", PlatformFamily.LINUX)
    assert request.document == "AWS-StartNonInteractiveCommand"
    assert request.parameters == (("command", ("uptime -p",)), ("separateOutputStream", ("true",)))


def test_a_document_that_cannot_separate_the_outputs_has_the_exit_code_in_the_output() -> None:
    wanted = connect_request("web-1", ("uptime",), None, (), on_terminal=False)
    request = wanted.request_without_streams(a_scope(), "i-1", PlatformFamily.LINUX)
    assert request is not None
    assert [name for name, _ in request.parameters] == ["command"]
    assert is_marked(request)


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        (PlatformFamily.LINUX, "sh -c 'cat *.log | wc -l'"),
        (None, "sh -c 'cat *.log | wc -l'"),
        (PlatformFamily.WINDOWS, "-Command 'cat *.log | wc -l'"),
    ],
)
def test_one_word_is_a_line_for_the_shell_of_the_node(platform: PlatformFamily | None, command: str) -> None:
    wanted = connect_request("web-1", ("cat *.log | wc -l",), None, (), on_terminal=False)
    assert wanted.request(a_scope(), "i-1", platform).parameters[0] == ("command", (command,))


@pytest.mark.parametrize(("document", "given"), [("mine", ()), (None, ("a=1",))])
def test_a_command_and_a_document_are_too_much(document: str | None, given: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        connect_request("web-1", ("ls",), document, given, on_terminal=True)

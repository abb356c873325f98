"""What `ssmtui connect` is asked for: node, document, parameters and command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from ssmtui.cli.errors import UsageError
from ssmtui.language import say
from ssmtui.model.preferences import DocumentParameter, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import SessionRequest
from ssmtui.session.opener import invalid_parameters_reason, missing_parameters
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle


# AWS's own documents (docs/facts/sessions.md §1), each with the parameter `command`. The one has a terminal on the
# node; the other has none, passes bytes as they are, and tells the command's exit code where its two outputs are kept
# apart (github.com/aws/session-manager-plugin, issue 59).
INTERACTIVE = "AWS-StartInteractiveCommand"
NON_INTERACTIVE = "AWS-StartNonInteractiveCommand"
_COMMAND, _APART = "command", "separateOutputStream"

Parameters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """A session as it is asked for on the command line. `word` is an id or an exact Name tag."""

    word: str
    document: str | None = None
    parameters: Parameters = ()
    reason: str = ""
    builtin: bool = False

    def request(self, scope: Scope, node: str) -> SessionRequest:
        """What StartSession is asked for, of a node."""
        return SessionRequest(scope, node, self.document, self.parameters, self.reason)


def connect_request(
    word: str,
    command: Sequence[str],
    document: str | None,
    given: Sequence[str],
    *,
    reason: str = "",
    builtin: bool = False,
    on_terminal: bool,
) -> ConnectRequest:
    """What the words of a command line ask for.

    A command is run with a terminal where a person sits before one, and without where a script reads its output: no
    byte of it is changed then, and its exit code is told.

    Raises:
        UsageError: the parameters are none, or there is both a command and a document.

    """
    parameters = parameters_in(given)
    if not command:
        return ConnectRequest(word, document, parameters, reason, builtin)
    if document is not None or parameters:
        raise UsageError(say("a COMMAND has a document of its own: leave --document-name and --parameter out."))
    # One word is a line for the shell as it stands, as with ssh; several are the words of a command.
    line = command[0] if len(command) == 1 else shlex.join(command)
    if on_terminal:
        return ConnectRequest(word, INTERACTIVE, ((_COMMAND, (line,)),), reason, builtin)
    return ConnectRequest(word, NON_INTERACTIVE, ((_COMMAND, (line,)), (_APART, ("true",))), reason, builtin)


def without_exit_code(request: SessionRequest) -> SessionRequest | None:
    """The same request for a document that cannot keep a command's outputs apart; None where it does not ask for it.

    The User Guide names that parameter nowhere: a document of AWS's may lack it.
    """
    if request.document != NON_INTERACTIVE or not any(name == _APART for name, _ in request.parameters):
        return None
    return replace(request, parameters=tuple(each for each in request.parameters if each[0] != _APART))


def parameters_in(given: Sequence[str]) -> Parameters:
    """The parameters of `--parameter` options: NAME=VALUE, NAME=["VALUE", …], or all of them as a JSON object.

    A name given more than once has several values, as the AWS CLI has them.

    Raises:
        UsageError: one is none of these.

    """
    values: dict[str, list[str]] = {}
    for text in given:
        for name, value in _pairs(text):
            values.setdefault(name, []).extend(value)
    return tuple((name, tuple(each)) for name, each in values.items())


def _pairs(text: str) -> Iterator[tuple[str, list[str]]]:
    if text.lstrip().startswith("{"):
        told = _json(text)
        if not isinstance(told, dict):
            raise _no_parameter(text)
        yield from ((name, _values(value, text)) for name, value in told.items())
        return
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise _no_parameter(text)
    yield name, _values(_json(value), text) if value.lstrip().startswith("[") else [value]


def _values(told: object, text: str) -> list[str]:
    if isinstance(told, str):
        return [told]
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        raise _no_parameter(text)
    return told


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_parameter(text) from error


def _no_parameter(text: str) -> UsageError:
    return UsageError(
        say('--parameter takes NAME=VALUE, NAME=["VALUE", …] or a JSON object, and not {text}', text=printable(text))
    )


def with_parameters(
    handle: DiagnosisHandle, scope: Scope, wanted: ConnectRequest, *, on_terminal: bool
) -> ConnectRequest:
    """What is wanted, with a value for each parameter that the custom document declares without a default.

    Of a document that cannot be read nothing is known: AWS tells what it does not take.

    Raises:
        UsageError: the document does not take what was given, or lacks something and nobody is there to be asked.

    """
    if scope.document is None:
        return wanted
    settings = handle.region_facts(scope.name).result().preferences
    if not isinstance(settings, SessionPreferences) or not settings.document_exists:
        return wanted
    given = dict(wanted.parameters)
    if why := invalid_parameters_reason(settings.parameters, given):
        raise UsageError(f"{why}.")
    missing = missing_parameters(settings.parameters, given)
    if missing and not on_terminal:
        raise UsageError(_lacks(scope.document, missing))
    asked = tuple((each.name, (_asked(each),)) for each in missing)
    return replace(wanted, parameters=(*wanted.parameters, *asked))


def _asked(parameter: DocumentParameter) -> str:
    text = printable(f"{parameter.name}: {parameter.description}" if parameter.description else parameter.name)
    kind = click.Choice(parameter.allowed) if parameter.allowed else click.STRING
    return str(click.prompt(text, type=kind, err=True))


def _lacks(document: str, missing: Sequence[DocumentParameter]) -> str:
    words = " ".join(printable(f"--parameter {each.name}=…") for each in missing)
    return say("the document {document} asks for more: {words}", document=printable(document), words=words)

"""A change as steps of the AWS CLI, independent of the shell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from botocore import xform_name

from ssmtui.aws.errors import NOT_FOUND_CODES
from ssmtui.language import say
from ssmtui.model.plan import JSON, AnswerReference, Call, Guard, GuardReference, Parameter, json_text
from ssmtui.remediation.export.format import is_visible
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.resource_forms import known_beforehand
from ssmtui.remediation.operations.write_operation import Wait
from ssmtui.text.printable import printable

_CLI_NAMES = {"s3": "s3api"}
_PLAIN_PATH = re.compile(r"\w+(\.\w+)*")
_LIST_PATH = re.compile(r"\w+(\.(\w+|\*|\*\w+=[\w :/-]+))*")
_MEMBERS = re.compile(r"(?P<base>.+)\.(?P<members>[\w/]+(\+[\w/]+)+)")
"""Several members of one object (`logGroups.0.logGroupName+kmsKeyId`)."""
_NO_TEXT = re.compile(r"true|false|null|-?\d[\d.eE+-]*")
"""Values that can be other types than text in AWS's answer, and cannot be sorted or joined directly."""
_OF_MEMBERS = ("{", "[")
"""The first characters of objects and lists: the AWS CLI prints these differently."""
_HAS_MEMBERS = re.compile(r"(.*=)?[{\[]")
_STORED_TEXT = "Content"
_NEWEST_VERSION = "Document.LatestVersion"
"""The path to a number that only increases: an old value never returns."""
_ABSENT = tuple(sorted(NOT_FOUND_CODES))


@dataclass(frozen=True, slots=True)
class Variable:
    """A shell variable; its name is chosen by ssmtui: lower case with underscores."""

    name: str


@dataclass(frozen=True, slots=True)
class CliCommand:
    """A CLI command: its words, its input, and the options whose values only the shell knows."""

    service: str
    operation: str
    document: Mapping[str, JSON]
    options: Mapping[str, Sequence[str | Variable]]


@dataclass(frozen=True, slots=True)
class ReadVariable:
    """Read a value (`query` is JMESPath) into a variable."""

    command: CliCommand
    query: str
    into: Variable


@dataclass(frozen=True, slots=True)
class CompareVariable:
    """Stop with a sentence unless the variable has the expected value.

    A shell that cannot compare the value prints `unchecked` instead.
    """

    variable: Variable
    expected: str
    sentence: str
    unchecked: str = ""


@dataclass(frozen=True, slots=True)
class MustBeAbsent:
    """Stop with a sentence unless AWS says with one of these codes that the thing does not exist."""

    command: CliCommand
    codes: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Answers:
    """A condition: a read (`query` is JMESPath) returns this text."""

    command: CliCommand
    query: str
    expected: str


@dataclass(frozen=True, slots=True)
class IsAbsent:
    """A condition: AWS says with one of these codes that the thing does not exist."""

    command: CliCommand
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndIfSo:
    """Stop successfully with a sentence if all conditions hold: the change has already been made."""

    conditions: tuple[Answers | IsAbsent, ...]
    remark: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment for the reader of the script."""

    sentence: str


@dataclass(frozen=True, slots=True)
class MakeCall:
    """Make the call, and store values of its answer.

    `without` says what a refusal means; if empty, a refusal stops the script.
    """

    command: CliCommand
    kept: tuple[tuple[Variable, str], ...]
    without: str


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Read once per second, at most this many times, until the value is as wanted; errors are ignored."""

    command: CliCommand
    query: str
    wanted: str
    sentence: str
    times: int


ScriptStep = ReadVariable | CompareVariable | MustBeAbsent | EndIfSo | Remark | MakeCall | WaitUntil


def account_steps(account: str) -> Iterator[ScriptStep]:
    """Yield the check of the account.

    Names exist in every account, so the credentials must belong to the diagnosed account.
    """
    found = Variable("account")
    yield ReadVariable(CliCommand("sts", "get-caller-identity", {}, {}), "Account", found)
    yield CompareVariable(
        found, account, say("These credentials do not belong to the account {account}.", account=account)
    )


def steps(guards: Sequence[Guard], calls: Sequence[Call], done: Sequence[Guard] = ()) -> Iterator[ScriptStep]:
    """Yield the steps of a plan or an undo: the guards that a shell can compare, and the calls in order.

    `done` are the guards that hold after the calls: a script that runs again stops successfully.

    Raises:
        NotExpressibleError: a parameter contains a nested value from an answer.

    """
    yield from _ending_if_done(guards, calls, done)
    for number, guard in enumerate(guards):
        yield from _guard_steps(number, guard)
    for number, path in _taken_from_guards(calls):
        guard = guards[number]
        command = _command(guard.service, guard.operation, guard.parameters)
        yield ReadVariable(command, jmespath(path), _from_guard(number, path))
    for number, call in enumerate(calls):
        waits = _waits(call, number)
        paths = dict.fromkeys((*_taken_from_answer(number, calls), *_taken_by_waits(waits)))
        kept = tuple((_from_answer(number, path), jmespath(path)) for path in paths)
        yield MakeCall(_command(call.service, call.operation, call.parameters), kept, call.without)
        for wait in waits:
            command = _command(call.service, wait.operation, wait.parameters)
            yield WaitUntil(command, jmespath(wait.path), wait.wanted, wait.sentence, wait.seconds)


def jmespath(path: str) -> str:
    """Return the path of an answer for the CLI's `--query`.

    A number is a list index; `*` selects all items, and `*Name=value` the items whose member `Name` has that value.
    """
    query = ""
    for part in path.split("."):
        if part == "*":
            query += "[]"
        elif part.startswith("*"):
            name, _, value = part[1:].partition("=")
            query += f"[?{name}=='{value}']"
        elif part.isdecimal():
            query += f"[{part}]"
        else:
            query += f".{part}" if query else part
    return query


def _guard_steps(number: int, guard: Guard) -> Iterator[ScriptStep]:
    command = _command(guard.service, guard.operation, guard.parameters)
    name = printable(guard.name)
    if guard.expected is None:
        yield MustBeAbsent(command, _ABSENT, say("Created in the meantime: {guard}.", guard=name))
        return
    query, expected = _comparison(guard.path, guard.expected)
    unchecked = say("Check first that {guard} is unchanged: this script cannot compare the value.", guard=name)
    if query is None:
        yield Remark(unchecked)
        return
    found = Variable(f"found_{number + 1}")
    yield ReadVariable(command, query, found)
    yield CompareVariable(found, expected, say("Changed in the meantime: {guard}.", guard=name), unchecked)


def _ending_if_done(guards: Sequence[Guard], calls: Sequence[Call], done: Sequence[Guard]) -> Iterator[ScriptStep]:
    """Yield the check whether everything is already done, if a shell can determine it."""
    asked = [each for each in done if each.path != _NEWEST_VERSION]
    if any(_makes_default(call) for call in calls):
        # The newest text is not enough: its version must also be the default.
        asked += [
            replace(each, parameters={**each.parameters, "DocumentVersion": "$DEFAULT"})
            for each in asked
            if each.path == _STORED_TEXT
        ]
    conditions = [_condition(each) for each in asked]
    known = [each for each in conditions if each is not None]
    if len(known) == len(conditions) and any(each not in guards for each in asked):
        remark = say("Check whether the change is already applied.")
        yield EndIfSo(tuple(known), remark, say("Already applied: nothing was changed."))


def _makes_default(call: Call) -> bool:
    """Return whether the call makes the version from an earlier call the default."""
    is_of_default = call.operation == "UpdateDocumentDefaultVersion"
    return is_of_default and isinstance(call.parameters.get("DocumentVersion"), AnswerReference)


def _condition(guard: Guard) -> Answers | IsAbsent | None:
    command = _command(guard.service, guard.operation, guard.parameters)
    if guard.expected is None:
        return IsAbsent(command, _ABSENT)
    query, expected = _comparison(guard.path, guard.expected)
    return Answers(command, query, expected) if query is not None else None


def _comparison(path: str, expected: str) -> tuple[str | None, str]:
    """Return the query whose output can be compared with the second text; None if there is no such query."""
    lines = expected.split("\n")
    if path == _STORED_TEXT and is_visible(expected) and expected.rstrip() == expected.rstrip("\n"):
        # Shells remove newlines at the end.
        return path, expected.rstrip("\n")
    if _PLAIN_PATH.fullmatch(path) and expected.startswith(_OF_MEMBERS):
        compact = _compact(expected)
        return (f"to_string({jmespath(path)})", compact) if compact is not None else (None, "")
    if not is_visible(expected) or expected != expected.strip() or any(map(_HAS_MEMBERS.match, lines)):
        return None, ""
    if _PLAIN_PATH.fullmatch(path):
        # The CLI prints booleans as Python does, None for a missing value, and nothing for an empty text.
        query = f"to_string({jmespath(path)})" if expected in {"true", "false", "None", ""} else jmespath(path)
        return query, expected
    members = _MEMBERS.fullmatch(path)
    if members is not None and _PLAIN_PATH.fullmatch(members["base"]):
        query = f"join(' ', {jmespath(members['base'])}.{_each_of(members['members'])} | [?@])"
        return (query, expected) if expected and len(lines) == 1 else (None, "")
    # A missing value in a list is an empty line in the guard's text; the CLI leaves it out.
    if "," in expected or ("" in lines and expected):
        return None, ""
    if members is not None and _LIST_PATH.fullmatch(members["base"]):
        query = f"map(&join(' ', [?@]), {jmespath(members['base'])}.{_each_of(members['members'])})"
    elif _LIST_PATH.fullmatch(path):
        query = jmespath(path)
        if any(map(_NO_TEXT.fullmatch, lines)):
            query = f"map(&to_string(@), {query})"
    else:
        return None, ""
    return f"join(',', sort({query}))", ",".join(sorted(lines))


def _compact(expected: str) -> str | None:
    """Return a JSON text as JMESPath's `to_string` prints it; None if the guard's text has another form."""
    try:
        value = json.loads(expected)
    except ValueError:
        return None
    return json.dumps(value, separators=(",", ":")) if json_text(value) == expected else None


def _each_of(members: str) -> str:
    """Return a JMESPath list: `name=value` for each member that exists, and false for each missing member."""
    paths = [(name, name.replace("/", ".")) for name in members.split("+")]
    texts = (f"type({path}) != 'null' && join('=', ['{name}', to_string({path})])" for name, path in paths)
    return f"[{', '.join(texts)}]"


def _command(service: str, operation: str, parameters: Mapping[str, Parameter]) -> CliCommand:
    document: dict[str, JSON] = {}
    options: dict[str, tuple[str | Variable, ...]] = {}
    for name, value in parameters.items():
        words = _words(value)
        if words is None:
            document[name] = known_beforehand(name, value)
        else:
            options[f"--{xform_name(name, '-')}"] = words
    return CliCommand(_CLI_NAMES.get(service, service), str(xform_name(operation, "-")), document, options)


def _words(value: Parameter) -> tuple[str | Variable, ...] | None:
    """Return the words of an option if only the shell knows the value, else None."""
    match value:
        case AnswerReference(call=call, path=path):
            return (_from_answer(call, path),)
        case GuardReference(guard=guard, path=path):
            return (_from_guard(guard, path),)
        case list() | tuple() if any(isinstance(each, AnswerReference | GuardReference) for each in value):
            return tuple(word for each in value for word in (_words(each) or (str(each),)))
    return None


def _from_answer(call: int, path: str) -> Variable:
    return Variable(f"answer_{call + 1}_{_snake(path)}")


def _from_guard(guard: int, path: str) -> Variable:
    return Variable(f"read_{guard + 1}_{_snake(path)}")


def _snake(path: str) -> str:
    return re.sub(r"\W+", "_", str(xform_name(path.rpartition(".")[2])).lower())


def _parameters(calls: Sequence[Call]) -> Iterator[Parameter]:
    for call in calls:
        for value in call.parameters.values():
            if isinstance(value, list | tuple):
                yield from value
            else:
                yield value


def _taken_from_guards(calls: Sequence[Call]) -> Sequence[tuple[int, str]]:
    return list(
        dict.fromkeys((each.guard, each.path) for each in _parameters(calls) if isinstance(each, GuardReference))
    )


def _taken_from_answer(number: int, calls: Sequence[Call]) -> Sequence[str]:
    taken = (each for each in _parameters(calls) if isinstance(each, AnswerReference))
    return list(dict.fromkeys(each.path for each in taken if each.call == number))


def _waits(call: Call, number: int) -> Sequence[Wait]:
    operation = WRITE_OPERATIONS.get((call.service, call.operation))
    return operation.waits(call, number) if operation is not None else ()


def _taken_by_waits(waits: Sequence[Wait]) -> Iterator[str]:
    """Yield the paths of the call's answer that the waits need."""
    values = (value for each in waits for value in each.parameters.values())
    yield from (each.path for each in values if isinstance(each, AnswerReference))


def repeatable_call(call: Call) -> Call:
    """Return the call in a form that AWS accepts again."""
    operation = WRITE_OPERATIONS.get((call.service, call.operation))
    return operation.repeatable(call) if operation is not None else call

"""Export a plan as AWS CLI commands for bash."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from botocore import xform_name

from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON, Plan
from ssmtui.model.scope import Scope
from ssmtui.remediation.export.cli_steps import (
    Answers,
    CliCommand,
    CompareVariable,
    EndIfSo,
    IsAbsent,
    MakeCall,
    MustBeAbsent,
    ReadVariable,
    Remark,
    ScriptStep,
    Variable,
    WaitUntil,
    account_steps,
    repeatable_call,
    steps,
)
from ssmtui.remediation.export.format import ChangeRequest, credential_names, export_format, is_visible, json_document
from ssmtui.text.printable import printable

_READ_AS_FILES = ("file://", "fileb://", "http://", "https://", "-")
_INPUT, _EXPECTED, _SO = "input", "expected", "so"


@export_format("cli", label=translatable("AWS CLI (bash)"))
def bash_script(request: ChangeRequest) -> str:
    """Return the commands that apply the change, and the undo commands as comments."""
    plan = request.plan
    change = _script(plan.title, plan.scope, steps(plan.guards, plan.calls, plan.way_back.guards))
    if not plan.way_back.calls:
        return change
    back = (f"# {line}" for line in undo_script(plan).splitlines())
    heading = "# " + say("To undo the change, put these lines into a separate file without the comment signs:")
    return "\n".join((change, heading, *back)) + "\n"


def undo_script(plan: Plan) -> str:
    """Return the commands that undo a change."""
    title = say("Undo: {title}", title=plan.title)
    back = plan.way_back
    return _script(title, plan.scope, steps(back.guards, tuple(map(repeatable_call, back.calls)), plan.guards))


def ending_line(text: str) -> str:
    """Return a line to end a here-document: a line that is not in the text."""
    lines = text.split("\n")
    end = "EOF"
    while end in lines:
        end += "_"
    return end


def _script(title: str, scope: Scope, made: Iterable[ScriptStep]) -> str:
    return "\n".join(_lines(title, scope, made)) + "\n"


def _lines(title: str, scope: Scope, made: Iterable[ScriptStep]) -> Iterator[str]:
    yield "#!/usr/bin/env bash"
    yield f"# {printable(title)} ({scope.account}, {scope.region})"
    yield "set -euo pipefail"
    yield 'export AWS_PAGER=""'
    yield f"export AWS_REGION={shlex.quote(scope.region)} AWS_DEFAULT_REGION={shlex.quote(scope.region)}"
    profile, role = credential_names(scope.name)
    if profile is not None:
        yield f"export AWS_PROFILE={shlex.quote(profile)}"
    if role is not None:
        yield from _role_lines(role)
    for step in (*account_steps(scope.account), *made):
        if not isinstance(step, CompareVariable):
            yield ""
        yield from _step_lines(step)


def _role_lines(role: str) -> Iterator[str]:
    """Yield the commands that assume a role: the AWS CLI has no option for this."""
    yield ""
    yield "# " + say("Assume the role first. If the role requires an external ID, add --external-id.")
    query = "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]"
    taken = f"aws sts assume-role --role-arn {shlex.quote(role)} --role-session-name ssmtui"
    yield f"taken=$({taken} --query '{query}' --output text)"
    yield 'read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<< "$taken"'
    yield "export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
    yield "unset taken AWS_PROFILE AWS_DEFAULT_PROFILE"


def _step_lines(step: ScriptStep) -> Iterator[str]:
    match step:
        case Remark(sentence):
            yield f"# {sentence}"
        case ReadVariable(command, query, into):
            yield from _input(command)
            yield f"{into.name}=$({_call(command, query)})"
        case CompareVariable(variable, expected, sentence) if "\n" in expected:
            yield from _here(_EXPECTED, expected)
            yield f'[ "${variable.name}" = "${_EXPECTED}" ] || {{ {_ending(sentence)}; }}'
        case CompareVariable(variable, expected, sentence):
            yield f'[ "${variable.name}" = {shlex.quote(expected)} ] || {{ {_ending(sentence)}; }}'
        case MustBeAbsent(command, codes, sentence):
            absent = "|".join(f"*\\({code}\\)*" for code in codes)
            yield from _input(command)
            yield f"if told=$({_call(command)} 2>&1); then {_ending(sentence)}; fi"
            yield f'case $told in {absent}) ;; *) echo "$told" >&2; exit 1 ;; esac'
        case EndIfSo(conditions, remark, sentence):
            yield f"# {remark}"
            yield f"{_SO}=yes"
            text = ""
            for condition in conditions:
                expected = condition.expected if isinstance(condition, Answers) else ""
                if "\n" in expected and expected != text:
                    yield from _here(_EXPECTED, expected)
                    text = expected
                yield from _condition_lines(condition)
            yield f'[ "${_SO}" = no ] || {{ echo {shlex.quote(sentence)}; exit 0; }}'
        case WaitUntil(command, query, wanted, sentence, times):
            yield from _input(command)
            yield f"for _ in $(seq {times}); do"
            yield f"  status=$({_call(command, query)} 2>&1) || true"
            yield f'  [ "$status" = {wanted} ] && break'
            yield "  sleep 1"
            yield "done"
            yield f'[ "$status" = {wanted} ] || {{ {_ending(sentence)}; }}'
        case MakeCall():
            yield from _do_lines(step)


def _condition_lines(condition: Answers | IsAbsent) -> Iterator[str]:
    yield from _input(condition.command)
    match condition:
        case Answers(command, query, expected):
            word = f'"${_EXPECTED}"' if "\n" in expected else shlex.quote(expected)
            yield f'{{ found=$({_call(command, query)} 2>/dev/null) && [ "$found" = {word} ]; }} || {_SO}=no'
        case IsAbsent(command, codes):
            absent = "|".join(f"*\\({code}\\)*" for code in codes)
            yield f"if told=$({_call(command)} 2>&1); then {_SO}=no; fi"
            yield f"case $told in {absent}) ;; *) {_SO}=no ;; esac"


def _do_lines(step: MakeCall) -> Iterator[str]:
    command, texts = _without_texts(step.command)
    for variable, text in texts.items():
        yield from _here(variable.name, text)
    yield from _input(command)
    if not step.kept:
        call = _call(command)
    else:
        names = " ".join(variable.name for variable, _ in step.kept)
        queries = ", ".join(query for _, query in step.kept)
        call = f'kept=$({_call(command, f"[{queries}]")}) && read -r {names} <<< "$kept"'
    yield f"{{ {call}; }} || echo {shlex.quote(step.without)} >&2" if step.without else call


def _here(variable: str, text: str) -> Iterator[str]:
    """Yield a here-document that sets a variable.

    `read` reads all of it, and returns an error because there is no null character.
    """
    end = ending_line(text)
    yield f"IFS= read -r -d '' {variable} <<'{end}' || true"
    yield text
    yield end
    yield f"{variable}=${{{variable}%$'\\n'}}"


def _input(command: CliCommand) -> Iterator[str]:
    """Yield the input of a command as a variable, if it has several lines."""
    document = json_document(command.document)
    if "\n" in document:
        yield from _here(_INPUT, document)


def _without_texts(command: CliCommand) -> tuple[CliCommand, Mapping[Variable, str]]:
    """Move the long texts of a command into variables, so that they are readable.

    Return the command and these variables.
    """
    texts: dict[Variable, str] = {}
    document: dict[str, JSON] = {}
    options = dict(command.options)
    for name, value in command.document.items():
        if isinstance(value, str) and "\n" in value and is_visible(value) and not value.startswith(_READ_AS_FILES):
            variable = Variable(str(xform_name(name)))
            texts[variable] = value
            options[f"--{xform_name(name, '-')}"] = (variable,)
        else:
            document[name] = value
    return replace(command, document=document, options=options), texts


def _call(command: CliCommand, query: str = "") -> str:
    words = ["aws", command.service, command.operation]
    if command.document:
        document = json_document(command.document)
        words.extend(("--cli-input-json", f'"${_INPUT}"' if "\n" in document else shlex.quote(document)))
    for option, values in command.options.items():
        words.extend((option, *(_word(each) for each in values)))
    if query:
        words.append(f"--query {_quoted(query)} --output text")
    return " ".join(words)


def _word(value: str | Variable) -> str:
    return f'"${value.name}"' if isinstance(value, Variable) else shlex.quote(value)


def _quoted(query: str) -> str:
    """Return a query in quotation marks.

    Queries contain single quotes, and rarely characters that double quotes expand.
    """
    return f'"{query}"' if "'" in query and not set(query) & set('"$`\\!') else shlex.quote(query)


def _ending(sentence: str) -> str:
    return f"echo {shlex.quote(sentence)} >&2; exit 1"

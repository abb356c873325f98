"""Export a plan as AWS CLI commands for PowerShell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON
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
from ssmtui.remediation.export.format import ChangeRequest, credential_names, export_format
from ssmtui.text.printable import printable

# https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules: PowerShell also
# treats these characters as single quotation marks.
_QUOTES = "'\u2018\u2019\u201a\u201b"

# `$ErrorActionPreference` does not apply to programs: the script checks each exit code.
_HEAD = """$ErrorActionPreference = 'Stop'
$env:AWS_PAGER = ''
function Send-Call([string]$Json, [string[]]$Words) {
    $file = New-TemporaryFile
    try {
        [IO.File]::WriteAllText($file.FullName, $Json)
        $told = & aws @Words --cli-input-json "file://$($file.FullName)"
        if ($LASTEXITCODE -ne 0) { throw "aws $($Words -join ' ')" }
        $told
    } finally {
        Remove-Item $file.FullName
    }
}
function Test-Answer([string]$Json, [string[]]$Words, [string]$Expected) {
    $ErrorActionPreference = 'Continue'
    $file = New-TemporaryFile
    try {
        [IO.File]::WriteAllText($file.FullName, $Json)
        $told = (& aws @Words --cli-input-json "file://$($file.FullName)" 2>$null) -join "`n"
        ($LASTEXITCODE -eq 0) -and ($told -ceq $Expected)
    } finally {
        Remove-Item $file.FullName
    }
}
function Test-Absent([string]$Json, [string[]]$Words, [string]$Codes) {
    $ErrorActionPreference = 'Continue'
    $file = New-TemporaryFile
    try {
        [IO.File]::WriteAllText($file.FullName, $Json)
        $told = (& aws @Words --cli-input-json "file://$($file.FullName)" 2>&1) -join ' '
        if ($LASTEXITCODE -eq 0) { return $false }
        if ($told -notmatch $Codes) { throw $told }
        $true
    } finally {
        Remove-Item $file.FullName
    }
}"""


@export_format("powershell", label=translatable("AWS CLI (PowerShell)"), after="cli")
def powershell_script(request: ChangeRequest) -> str:
    """Return the commands that apply the change, and the undo commands as comments."""
    plan = request.plan
    lines = [*_lines(plan.title, plan.scope, steps(plan.guards, plan.calls, plan.way_back.guards))]
    if plan.way_back.calls:
        title = say("Undo: {title}", title=plan.title)
        calls = tuple(map(repeatable_call, plan.way_back.calls))
        made = steps(plan.way_back.guards, calls, plan.guards)
        back = "\n".join(_lines(title, plan.scope, made)).splitlines()
        lines.append("")
        lines.append("# " + say("To undo the change, put these lines into a separate file without the comment signs:"))
        lines.extend(f"# {line}" for line in back)
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return a text as a PowerShell string without expansion."""
    return "'" + "".join(each * 2 if each in _QUOTES else each for each in text) + "'"


def here_string(value: JSON) -> str:
    """Return a value as JSON in a here-string. In ASCII, no line begins with a mark that ends a here-string."""
    return f"@'\n{json.dumps(value, indent=2)}\n'@"


def _lines(title: str, scope: Scope, made: Iterable[ScriptStep]) -> Iterator[str]:
    yield f"# {printable(title)} ({scope.account}, {scope.region})"
    yield from _HEAD.split("\n")
    yield f"$env:AWS_REGION = $env:AWS_DEFAULT_REGION = {quoted(scope.region)}"
    profile, role = credential_names(scope.name)
    if profile is not None:
        yield f"$env:AWS_PROFILE = {quoted(profile)}"
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
    taken = (
        f"aws sts assume-role --role-arn {quoted(role)} --role-session-name ssmtui --query Credentials --output json"
    )
    yield f"$taken = (& {taken}) -join '' | ConvertFrom-Json"
    yield "if ($LASTEXITCODE -ne 0) { throw 'aws sts assume-role' }"
    yield "$env:AWS_ACCESS_KEY_ID = $taken.AccessKeyId"
    yield "$env:AWS_SECRET_ACCESS_KEY = $taken.SecretAccessKey"
    yield "$env:AWS_SESSION_TOKEN = $taken.SessionToken"
    yield "Remove-Item Env:AWS_PROFILE, Env:AWS_DEFAULT_PROFILE -ErrorAction SilentlyContinue"


def _step_lines(step: ScriptStep) -> Iterator[str]:
    match step:
        case Remark(sentence):
            yield f"# {sentence}"
        case ReadVariable(command, query, into):
            yield f"${into.name} = {_call(command, query)}"
        case CompareVariable(_, expected, _, unchecked) if not expected.isascii():
            # PowerShell reads a file without a byte order mark in the encoding of the machine.
            yield f"# {unchecked}"
        case CompareVariable(variable, expected, sentence):
            yield f'if ((${variable.name} -join "`n") -cne {_joined(expected)}) {{ throw {quoted(sentence)} }}'
        case EndIfSo(conditions, remark, sentence):
            if all(isinstance(each, IsAbsent) or each.expected.isascii() for each in conditions):
                yield f"# {remark}"
                yield "$so = $true"
                yield from map(_condition_line, conditions)
                yield f"if ($so) {{ Write-Output {quoted(sentence)}; exit 0 }}"
        case MustBeAbsent(command, codes, sentence):
            yield f"if (-not (Test-Absent {_arguments(command)} {_pattern(codes)})) {{ throw {quoted(sentence)} }}"
        case WaitUntil(command, query, wanted, sentence, times):
            yield f"for ($time = 0; $time -lt {times}; $time++) {{"
            yield f"    $status = try {{ {_call(command, query)} }} catch {{ '' }}"
            yield f"    if ($status -ceq {quoted(wanted)}) {{ break }}"
            yield "    Start-Sleep -Seconds 1"
            yield "}"
            yield f"if ($status -cne {quoted(wanted)}) {{ throw {quoted(sentence)} }}"
        case MakeCall(command, kept, without):
            yield from _do_lines(command, kept, without)


def _condition_line(condition: Answers | IsAbsent) -> str:
    if isinstance(condition, IsAbsent):
        asked = f"Test-Absent {_arguments(condition.command)} {_pattern(condition.codes)}"
    else:
        asked = f"Test-Answer {_arguments(condition.command, condition.query)} {_joined(condition.expected)}"
    return f"$so = $so -and $(try {{ {asked} }} catch {{ $false }})"


def _joined(text: str) -> str:
    """Return an expression for a text of one or several lines."""
    return f'(@({", ".join(quoted(line) for line in text.split(chr(10)))}) -join "`n")'


def _pattern(codes: Sequence[str]) -> str:
    return quoted("|".join(rf"\({code}\)" for code in codes))


def _do_lines(command: CliCommand, kept: Sequence[tuple[Variable, str]], without: str) -> Iterator[str]:
    if kept:
        names = ", ".join(f"${variable.name}" for variable, _ in kept)
        queries = ", ".join(query for _, query in kept)
        call = f'{names} = ({_call(command, f"[{queries}]")}) -split "`t"'
    else:
        call = _call(command)
    yield f"try {{ {call} }} catch {{ Write-Warning {quoted(without)} }}" if without else call


def _call(command: CliCommand, query: str = "") -> str:
    return f"Send-Call {_arguments(command, query)}"


def _arguments(command: CliCommand, query: str = "") -> str:
    return f"{here_string(command.document)} @({', '.join(_words(command, query))})"


def _words(command: CliCommand, query: str) -> Iterator[str]:
    yield quoted(command.service)
    yield quoted(command.operation)
    for option, values in command.options.items():
        yield quoted(option)
        yield from (f"${each.name}" if isinstance(each, Variable) else quoted(each) for each in values)
    if query:
        yield from (quoted("--query"), quoted(query), quoted("--output"), quoted("text"))

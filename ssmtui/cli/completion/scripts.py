"""Print and install the scripts by which a shell completes ssmtui commands."""

from __future__ import annotations

import locale
import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from click.shell_completion import get_completion_class

from ssmtui import processes
from ssmtui.cli.errors import UsageError
from ssmtui.cli.options import SHELLS
from ssmtui.cli.printing import print_lines
from ssmtui.language import say
from ssmtui.model.workstation import without_secrets
from ssmtui.processes import own_command
from ssmtui.report.exit_code import ExitCode

PROGRAM = "ssmtui"
VARIABLE = "_SSMTUI_COMPLETE"
"""Where a script says what it asks for; click makes this name of the program's."""

_HEAD = "#compdef ssmtui\n"
_MENDED = {
    "bash": (
        ("    local response\n", "    local response\n    [[ -x {first} ]] || return 1\n"),
        ("$(env ", "$(/usr/bin/env "),
        ("_complete $1)", "_complete {command})"),
    ),
    "zsh": (
        # A zsh that nobody has set up has no compdef yet.
        (_HEAD, f"{_HEAD}(( $+functions[compdef] )) || {{{{ autoload -Uz compinit && compinit -i }}}}\n"),
        ("(( ! $+commands[ssmtui] ))", "[[ ! -x {first} ]]"),
        ("$(env ", "$(/usr/bin/env "),
        ("zsh_complete ssmtui)", "zsh_complete {command})"),
    ),
    "fish": (
        # What a word is may have commas in it, and would be cut at the first.
        ('string split ","', 'string split --max 1 ","'),
        ("    set -l response (env ", "    test -x {first}; or return 1\n    set -l response (/usr/bin/env "),
        ("(commandline -t) ssmtui)", "(commandline -t) {command})"),
    ),
    "powershell": (("& ssmtui 2>$null", "& {command} 2>$null"),),
}
"""What is put right in click's scripts: what stands there, and what stands there instead.

`{command}` is ssmtui by its absolute path, `{first}` that path: the name alone, or the word that somebody has typed,
could be a program of the working directory, which one press of Tab would run.
"""


class NoSuchShellError(LookupError):
    """A shell that there is no script for."""


def script_for(shell: str) -> str:
    """The script for a shell. Raises NoSuchShellError."""
    from ssmtui.cli.commands import commands

    found = get_completion_class(shell)
    if found is None:
        raise NoSuchShellError(shell)
    script = found(commands, {}, PROGRAM, VARIABLE).source()
    words = [_quoted(word, shell) for word in own_command(os.environ)]
    for there, instead in _MENDED.get(shell, ()):
        script = script.replace(there, instead.format(command=" ".join(words), first=words[0]), 1)
    return script


def _quoted(word: str, shell: str) -> str:
    match shell:
        case "powershell":
            doubled = word.replace("'", "''")
            return f"'{doubled}'"
        case "fish":
            escaped = word.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{escaped}'"
        case _:
            return shlex.quote(word)


_LOADERS_OF_BASH = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/etc/bash_completion",
)
"""What loads the completions of bash from their folder, where it is installed."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a script goes; where the shell does not find it by itself, the line that loads it, and that line's file."""

    script: Path
    line: str = ""
    start_file: Path | None = None


def install_script(shell: str) -> ExitCode:
    """Write the script, and the line that loads it where one is needed and is not there yet.

    Raises:
        UsageError: a file cannot be written.

    """
    place = installation_of(shell, os.environ)
    try:
        place.script.parent.mkdir(parents=True, exist_ok=True)
        place.script.write_text(script_for(shell), encoding="utf-8")
        added = place.start_file if _add(place) else None
    except OSError as error:
        raise UsageError(
            say("the completion cannot be installed: {file}: {error}", file=error.filename, error=error.strerror)
        ) from error
    print_lines(_result_lines(place, added))
    return ExitCode.DONE


def installation_of(shell: str, environment: Mapping[str, str]) -> Installation:
    """Where the script of a shell goes.

    Raises:
        UsageError: the shell does not say where it begins.

    """
    data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    match shell:
        case "bash":
            folder = Path(environment.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion")
            script = folder / "completions" / "ssmtui"
            if any(Path(each).is_file() for each in _LOADERS_OF_BASH):
                return Installation(script)
            return Installation(script, f". {shlex.quote(str(script))}", Path.home() / ".bashrc")
        case "zsh":
            script = data / "ssmtui" / "completion.zsh"
            start_file = Path(environment.get("ZDOTDIR") or Path.home()) / ".zshrc"
            return Installation(script, f". {shlex.quote(str(script))}", start_file)
        case "fish":
            configuration = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
            return Installation(configuration / "fish" / "completions" / "ssmtui.fish")
        case _:
            profile = _profile_of_powershell()
            script = profile.parent / "ssmtui-completion.ps1"
            quoted = str(script).replace("'", "''")
            return Installation(script, f". '{quoted}'", profile)


def shell_in_use() -> str:
    """The shell of the environment.

    Raises:
        UsageError: it is none that there is a script for.

    """
    named = Path(os.environ.get("SHELL", "")).stem or ("powershell" if os.name == "nt" else "")
    if named == "pwsh":
        return "powershell"
    if named not in SHELLS:
        raise UsageError(say("name the shell: {shells}", shells=", ".join(SHELLS)))
    return named


def _add(place: Installation) -> bool:
    """Whether the line was added; it stands there once."""
    if place.start_file is None:
        return False
    before = place.start_file.read_text(encoding="utf-8") if place.start_file.is_file() else ""
    if place.line in before.splitlines():
        return False
    place.start_file.parent.mkdir(parents=True, exist_ok=True)
    with place.start_file.open("a", encoding="utf-8") as file:
        file.write(("\n" if before and not before.endswith("\n") else "") + f"{place.line}\n")
    return True


def _result_lines(place: Installation, added: Path | None) -> list[str]:
    lines = [say("Written: {file}", file=place.script)]
    if added is not None:
        lines.append(say("Added to {file}: {line}", file=added, line=place.line))
    return [*lines, say("Shells that are started from now on complete ssmtui.")]


def _profile_of_powershell() -> Path:
    program = processes.find_program("pwsh", os.environ) or processes.find_program("powershell", os.environ)
    if program is None:
        sentence = say("PowerShell is not on PATH.")
        what = say("Add what `ssmtui completion powershell` prints to the file that $PROFILE names.")
        raise UsageError(f"{sentence} {what}")
    asked = [program, "-NoProfile", "-NonInteractive", "-Command", "$PROFILE"]
    given = without_secrets(os.environ)
    told = processes.run(asked, given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    profile = _text(told.stdout)
    if not profile:
        raise UsageError(say("PowerShell does not say where its profile is: {error}", error=_text(told.stderr)))
    return Path(profile)


def _text(printed: bytes) -> str:
    return printed.decode(locale.getencoding(), errors="replace").strip()

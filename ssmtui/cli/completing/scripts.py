"""The scripts by which shells ask ssmtui what to offer: click's own, one a shell."""

from __future__ import annotations

import os
import shlex

from click.shell_completion import get_completion_class

from ssmtui.processes import own_command

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

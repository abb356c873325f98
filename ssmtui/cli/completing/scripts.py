"""The scripts by which shells ask ssmtui what to offer: click's own, one a shell."""

from __future__ import annotations

from click.shell_completion import get_completion_class

PROGRAM = "ssmtui"
VARIABLE = "_SSMTUI_COMPLETE"
"""Where a script says what it asks for; click makes this name of the program's."""

_HEAD = "#compdef ssmtui\n"
_MENDED = {
    # A zsh that nobody has set up has no compdef yet.
    "zsh": (_HEAD, f"{_HEAD}(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit -i }}\n"),
    # What a word is may have commas in it, and would be cut at the first.
    "fish": ('string split ","', 'string split --max 1 ","'),
}
"""What is put right in click's scripts: what stands there, and what stands there instead."""


class NoSuchShellError(LookupError):
    """A shell that there is no script for."""


def script_for(shell: str) -> str:
    """The script for a shell. Raises NoSuchShellError."""
    from ssmtui.cli.commands import commands

    found = get_completion_class(shell)
    if found is None:
        raise NoSuchShellError(shell)
    script = found(commands, {}, PROGRAM, VARIABLE).source()
    return script.replace(*_MENDED[shell], 1) if shell in _MENDED else script

"""Read the commands that a person declares in the configuration file, and fill in their placeholders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from string import Formatter

from ssmtui.language import say
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable

PLACEHOLDERS = ("id", "name", "region", "profile", "account", "finding")
"""The placeholders of arguments; each is filled with the value of the row under the cursor."""


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A command that a person declares: a program with its arguments, never a line for a shell.

    `key` runs it. A `background` command gets no terminal, and its output is shown. Without `read_only`, the command
    does not run in read-only mode.
    """

    name: str
    key: str
    words: tuple[str, ...]
    description: str = ""
    background: bool = False
    read_only: bool = False


class OwnCommandError(ValueError):
    """A declaration that cannot be used; the message says why, and `member` is the wrong key, empty for the whole."""

    def __init__(self, sentence: str, member: str = "") -> None:
        super().__init__(sentence)
        self.member = member


class UnsafeArgument(ValueError):
    """A command that cannot run for this row: a value is missing, or a program could take it for something else."""


_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,39}", re.ASCII)
_MEMBERS = ("key", "command", "description", "background", "read_only")
_SWITCHES = ("background", "read_only")
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "fish"})
_SHELLS_OF_WINDOWS = frozenset({"cmd", "powershell", "pwsh"})
"""Shells that execute all their arguments as one text."""


def read_own_command(name: str, value: object) -> OwnCommand:
    """Return the command that a table declares.

    Raises:
        OwnCommandError: the table cannot be used.

    """
    if not _NAME.fullmatch(name):
        raise OwnCommandError(say("the name of a command has only letters, digits, - and _"))
    if not isinstance(value, Mapping):
        raise OwnCommandError(say("[{table}.NAME] must be a table", table="commands"))
    for member in value:
        if member not in _MEMBERS:
            near = similar_names(str(member), _MEMBERS)
            meant = " " + say("Did you mean {names}?", names=near[0]) if near else ""
            raise OwnCommandError(say("a command has no {name}.", name=printable(str(member))) + meant, str(member))
    for member in _SWITCHES:
        if not isinstance(value.get(member, False), bool):
            raise OwnCommandError(say("{name} must be true or false", name=member), member)
    return OwnCommand(
        name,
        _text(value, "key"),
        _words(value),
        _text(value, "description", ""),
        background=value.get("background") is True,
        read_only=value.get("read_only") is True,
    )


def _text(value: Mapping[object, object], member: str, default: str | None = None) -> str:
    found = value.get(member, default)
    if not isinstance(found, str) or (default is None and not found):
        raise OwnCommandError(say("{name} must be a text", name=member), member if member in value else "")
    return found


def _words(value: Mapping[object, object]) -> tuple[str, ...]:
    found = value.get("command")
    words = [each for each in found if isinstance(each, str)] if isinstance(found, list | tuple) else []
    if not words or not words[0] or not isinstance(found, list | tuple) or len(words) < len(found):
        sentence = say("command must be a list: the program, then one text for each argument")
        raise OwnCommandError(sentence, "command" if "command" in value else "")
    for place, word in enumerate(words):
        for name in _placeholders(word):
            if place == 0:
                raise OwnCommandError(say("the program of a command cannot have placeholders"), "command")
            if _is_script(words, place):
                sentence = say("a placeholder cannot be within a script for a shell: pass it as a further argument")
                raise OwnCommandError(sentence, "command")
            if name not in PLACEHOLDERS:
                near = similar_names(name, PLACEHOLDERS) or PLACEHOLDERS
                raise OwnCommandError(
                    say("there is no placeholder {name}.", name=printable(f"{{{name}}}"))
                    + " "
                    + say("Did you mean {names}?", names=", ".join(f"{{{each}}}" for each in near)),
                    "command",
                )
    return (_program(words[0]), *words[1:])


def _is_script(words: Sequence[str], place: int) -> bool:
    """Return whether an argument is a script for a shell. The shell would also execute a value in the script."""
    program = PureWindowsPath(words[0]).stem.casefold()
    before = words[place - 1]
    return program in _SHELLS_OF_WINDOWS or (program in _SHELLS and before.startswith("-") and before.endswith("c"))


def _program(word: str) -> str:
    """Return the program: a name or an absolute path, so that it is never taken from the working directory."""
    if not any(separator in word for separator in (os.sep, os.altsep or os.sep)):
        return word
    with suppress(RuntimeError):  # `~someone` does not exist
        path = Path(word).expanduser()
        if path.is_absolute():
            return str(path)
    sentence = say("the program of a command must be a name or an absolute path: {program}", program=printable(word))
    raise OwnCommandError(sentence, "command")


def _placeholders(word: str) -> Iterator[str]:
    """Yield the placeholders of an argument. `{{` and `}}` are braces."""
    try:
        for _, name, form, conversion in Formatter().parse(word):
            if name is not None:
                yield name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
    except ValueError as error:
        shown = printable(word)
        sentence = say("{word} has a brace without its counterpart: write {{{{ or }}}} for a brace", word=shown)
        raise OwnCommandError(sentence, "command") from error


_TAKEN_FOR_MORE = ("-", "@", "file://", "fileb://")
"""Beginnings of arguments that programs take for an option or for the name of a file to read."""

_PLAIN = re.compile(r"[\w.:/=+,@ -]*", re.ASCII)
"""Values that the command line of Windows passes on unchanged to a batch file."""

_BATCH_FILES = (".bat", ".cmd")


def fill_in(command: OwnCommand, values: Mapping[str, str], program: str) -> tuple[str, ...]:
    """Return the arguments with the values of a row; `program` is the path of the program.

    A value is always within one argument. It comes from AWS, so it must not turn the argument into an option or a file
    name.

    Raises:
        UnsafeArgument: a value is missing or unsafe.

    """
    return (command.words[0], *(_filled(word, values, program) for word in command.words[1:]))


def _filled(word: str, values: Mapping[str, str], program: str) -> str:
    text = ""
    for literal, name, _, _ in Formatter().parse(word):
        text += literal
        if name is None:
            continue
        value = values.get(name, "")
        if not value:
            raise UnsafeArgument(say("{placeholder} has no value here", placeholder=f"{{{name}}}"))
        if not value.isprintable():
            raise UnsafeArgument(say("{placeholder} has control characters", placeholder=f"{{{name}}}"))
        if program.casefold().endswith(_BATCH_FILES) and not _PLAIN.fullmatch(value):
            sentence = say("{placeholder} has characters that a batch file can execute", placeholder=f"{{{name}}}")
            raise UnsafeArgument(sentence)
        if not text and value.startswith(_TAKEN_FOR_MORE):
            sentence = say(
                "{placeholder} is {value}: a program could take it for an option or a file",
                placeholder=f"{{{name}}}",
                value=printable(value),
            )
            raise UnsafeArgument(sentence)
        text += value
    return text

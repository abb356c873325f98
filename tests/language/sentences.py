"""The sentences of ssmtui, and the French catalogue that holds each of them.

`make words` collects them anew: what is said for the first time comes into `ssmtui.po` untranslated, what is no longer
said leaves it, and the compiled catalogue is written. A test fails as long as a sentence has no translation.
"""

from __future__ import annotations

import ast
import inspect
import io
import string
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import ssmtui
from ssmtui.checks.check import all_checks
from ssmtui.cli.commands import commands

PACKAGE = Path(ssmtui.__file__).parent
PO = PACKAGE / "language" / "fr" / "LC_MESSAGES" / "ssmtui.po"
MO = PO.with_suffix(".mo")

_OURS = {"say": 1, "marked": 1, "say_many": 2}
_CLICK = {"_": 1, "ngettext": 2}
_HEAD = "# French sentences of ssmtui. `make words` keeps it in step with the code; only msgstr is written by hand.\n"

Said = str | tuple[str, str]
"""A sentence, or its singular and plural."""


def said() -> frozenset[Said]:
    """Every sentence that ssmtui can say: of its code, help and checks, and of the library that reads options."""
    titles = (check.title for check in all_checks())
    return frozenset((*_in(PACKAGE, _OURS), *_in(Path(click.__file__).parent, _CLICK), *_help(), *titles))


def written() -> Catalog:
    """The French catalogue as it is written."""
    with PO.open("rb") as file:
        catalogue = read_po(file, locale="fr", domain="ssmtui")
    # The head of the compiled catalogue would hold the time of its making, and differ with each.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def holes(sentence: str) -> frozenset[str]:
    """The holes of a sentence, with how they are filled."""
    found = string.Formatter().parse(sentence)
    return frozenset(f"{name}!{how or ''}:{form or ''}" for _, name, form, how in found if name is not None)


def translations(message: Message) -> tuple[str, ...]:
    """What stands for a message in French: one sentence, or one a plural form."""
    found = message.string or ""
    return (found,) if isinstance(found, str) else tuple(found)


def _in(folder: Path, speakers: Mapping[str, int]) -> Iterator[Said]:
    """The sentences that code says by these functions, each of which takes so many texts.

    They are read off the syntax tree: before Python 3.12 a call within an f-string is no token of its own, and is
    overlooked by tools that go by tokens.
    """
    for file in sorted(folder.rglob("*.py")):
        if "simulator" in file.relative_to(folder).parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in speakers:
                texts = [each.value for each in node.args if isinstance(each, ast.Constant)][: speakers[node.func.id]]
                match texts:
                    case [str(sentence)]:
                        yield sentence
                    case [str(one), str(many)]:
                        yield one, many


def _help() -> Iterator[Said]:
    for command in (commands, *commands.commands.values()):
        options = (each.help for each in command.params if isinstance(each, click.Option))
        yield from (inspect.cleandoc(text) for text in (command.help, *options) if text)


def _collected() -> Catalog:
    known = {message.id: message.string for message in written()} if PO.exists() else {}
    catalogue = Catalog(locale="fr", domain="ssmtui", fuzzy=False)
    for sentence in sorted(said(), key=str):
        catalogue.add(sentence, known.get(sentence, ""))
    return catalogue


def main() -> None:
    """Write the catalogue anew, in both its forms."""
    catalogue = _collected()
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, omit_header=True)
    head = _HEAD + 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    plural = f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(head + plural + buffer.getvalue().decode(), encoding="utf-8")
    MO.write_bytes(compiled(written()))
    open_ = sum(not all(translations(message)) for message in written() if message.id)
    print(f"{len(said())} sentences, {open_} without a translation")  # noqa: T201


if __name__ == "__main__":
    main()

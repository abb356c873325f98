"""Collect the sentences of ssmtui, update the French catalogue, and list missing translations.

`make words` updates `ssmtui.po` from the code: new sentences are added without a translation, old ones are removed. It
lists what is still shown in English, also causes without a translation; `make release-check` only lists it. Nothing
fails because of a missing translation.
"""

from __future__ import annotations

import ast
import inspect
import io
import json
import string
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

import ssmtui
from hatch_build import compile_catalogues
from ssmtui.checks.registry import all_checks
from ssmtui.cli.commands import commands
from ssmtui.language import Language

TREE = Path(ssmtui.__file__).parents[1]
PACKAGE = TREE / "ssmtui"
PO = PACKAGE / "language" / "fr" / "LC_MESSAGES" / "ssmtui.po"
CAUSES = PACKAGE / "causes"

_OURS = {"say": 1, "translatable": 1, "say_many": 2}
_CLICK = {"_": 1, "ngettext": 2}
_HEAD = "# French sentences of ssmtui. `make words` keeps it in step with the code; only msgstr is written by hand.\n"

Said = str | tuple[str, str]
"""A sentence, or its singular and plural."""


def said() -> frozenset[Said]:
    """Return all sentences of ssmtui: of its code, help and checks, and of the library that reads options."""
    titles = (check.title for check in all_checks())
    return frozenset((*_in(PACKAGE, _OURS), *_in(Path(click.__file__).parent, _CLICK), *_help(), *titles))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The texts that French users see in English: sentences, and slugs of causes without a translation."""

    sentences: Sequence[str]
    causes: Sequence[str]


def written() -> Catalog:
    """Return the stored French catalogue."""
    with PO.open("rb") as file:
        return read_po(file, locale="fr", domain="ssmtui")


def waiting(sentences: Catalog, causes: Path) -> Waiting:
    """Return what is untranslated in a catalogue of sentences and in a folder of causes."""
    untold = [_first(message) for message in sentences if message.id and not all(translations(message))]
    english, french = ({path.stem for path in (causes / each.value).glob("*/*.md")} for each in Language)
    return Waiting(untold, sorted(english - french))


def holes(sentence: str) -> frozenset[str]:
    """Return the placeholders of a sentence, with their formats."""
    found = string.Formatter().parse(sentence)
    return frozenset(f"{name}!{how or ''}:{form or ''}" for _, name, form, how in found if name is not None)


def translations(message: Message) -> tuple[str, ...]:
    """Return the French texts of a message: one sentence, or one per plural form."""
    found = message.string or ""
    return (found,) if isinstance(found, str) else tuple(found)


def _in(folder: Path, speakers: Mapping[str, int]) -> Iterator[Said]:
    """Yield the sentences in calls of these functions, each with its number of texts.

    They are read from the syntax tree: before Python 3.12 a call within an f-string is not a separate token, so
    tools that use tokens miss it.
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


def _help(command: click.Command = commands) -> Iterator[Said]:
    options = (each.help for each in command.params if isinstance(each, click.Option))
    yield from (inspect.cleandoc(text) for text in (command.help, *options) if text)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _help(each)


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _collected() -> Catalog:
    known = {message.id: message.string for message in written()}
    catalogue = Catalog(locale="fr", domain="ssmtui", fuzzy=False)
    for sentence in sorted(said(), key=str):
        catalogue.add(sentence, known.get(sentence, ""))
    return catalogue


def _as_text(catalogue: Catalog) -> str:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, omit_header=True)
    head = _HEAD + 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    plural = f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    return head + plural + buffer.getvalue().decode()


def collect() -> None:
    """Update the catalogue in the repository, and list missing translations."""
    catalogue = _collected()
    PO.write_text(_as_text(catalogue), encoding="utf-8")
    compile_catalogues(TREE)
    list_waiting(waiting(catalogue, CAUSES))


def list_waiting(found: Waiting) -> None:
    """Print the texts that are shown in English, and their number."""
    for name in (*found.sentences, *found.causes):
        print(f"not in French: {json.dumps(name, ensure_ascii=False)}")
    print(f"{len(found.sentences)} sentences and {len(found.causes)} causes wait for French")


if __name__ == "__main__":
    if sys.argv[1:] == ["list"]:
        list_waiting(waiting(_collected(), CAUSES))
    else:
        collect()

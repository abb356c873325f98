"""Collect the texts that people read: sentences of the program, cause pages, documents and schema descriptions.

Code, inline code and link addresses are left out of Markdown. Placeholders and code become one neutral word each, so
that a sentence keeps its length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import read_po
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ssmtui.causes.front_matter import read_yaml, split_front_matter
from ssmtui.language import Language

TREE = Path(__file__).parents[2]
_CATALOGUE = Path("ssmtui/language/fr/LC_MESSAGES/ssmtui.po")
_CAUSES = Path("ssmtui/causes")
_SCHEMAS = Path("ssmtui/report/schema")
_DOCUMENTS = ("*.md", "docs/**/*.md", ".github/**/*.md", "packaging/**/*.md")
_FRENCH_DOCUMENTS = Path("docs/site/fr")
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
CODE_WORD = "CODE"
"""Stands for inline code and for placeholders."""


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph, cell, heading or sentence, with its file (relative to the repository), line and language."""

    file: Path
    line: int
    language: Language
    content: str


def all_texts(tree: Path = TREE) -> Iterator[Text]:
    """Yield every text of a checkout."""
    yield from sentences(tree / _CATALOGUE, tree)
    yield from cause_pages(tree)
    yield from documents(tree)
    for file in sorted((tree / _SCHEMAS).glob("*.json")):
        yield from schema_descriptions(file, tree)


def sentences(file: Path, tree: Path = TREE) -> Iterator[Text]:
    """Yield the sentences of a gettext catalogue in both languages: English ones are its keys."""
    with file.open("rb") as opened:
        messages = [each for each in read_po(opened, locale="fr", domain="ssmtui") if each.id]
    for message in messages:
        for language, text in ((Language.ENGLISH, message.id), (Language.FRENCH, message.string)):
            for each in (text,) if isinstance(text, str) else text or ():
                yield Text(file.relative_to(tree), message.lineno or 0, language, _PLACEHOLDER.sub(CODE_WORD, each))


def cause_pages(tree: Path = TREE) -> Iterator[Text]:
    """Yield the titles and bodies of the cause pages."""
    for language in Language:
        for file in sorted((tree / _CAUSES / language.value).glob("*/*.md")):
            front, body = split_front_matter(file.read_text(encoding="utf-8"))
            for title in _titles(read_yaml(front)):
                yield Text(file.relative_to(tree), 1, language, title)
            yield from _paragraphs(body, file.relative_to(tree), language, 2 + front.count("\n"))


def documents(tree: Path = TREE) -> Iterator[Text]:
    """Yield the paragraphs of the repository's Markdown documents."""
    for file in sorted({each for pattern in _DOCUMENTS for each in tree.glob(pattern)}):
        place = file.relative_to(tree)
        language = Language.FRENCH if place.is_relative_to(_FRENCH_DOCUMENTS) else Language.ENGLISH
        text = file.read_text(encoding="utf-8")
        front, body = split_front_matter(text) if text.startswith("---\n") else ("", text)
        yield from _paragraphs(body, place, language, front.count("\n") + 2 if front else 0)


def schema_descriptions(file: Path, tree: Path = TREE) -> Iterator[Text]:
    """Yield the titles and descriptions of a JSON schema. Their line is that of the file's start."""
    for text in _descriptions(json.loads(file.read_text(encoding="utf-8"))):
        yield Text(file.relative_to(tree), 1, Language.ENGLISH, text)


def _descriptions(schema: object) -> Iterator[str]:
    match schema:
        case dict():
            for key, value in schema.items():
                if key in {"title", "description", "$comment"} and isinstance(value, str):
                    yield value
                else:
                    yield from _descriptions(value)
        case list():
            for each in schema:
                yield from _descriptions(each)


def _titles(front: object) -> Iterator[str]:
    if not isinstance(front, Mapping):
        return
    yield str(front["title"])
    for each in front.get("fixes", ()):
        if isinstance(each, Mapping) and "title" in each:
            yield str(each["title"])


def _paragraphs(markdown: str, file: Path, language: Language, before: int) -> Iterator[Text]:
    """Yield the paragraphs, list items, headings and table cells of a Markdown text that starts after these lines."""
    line = 0
    for token in _MARKDOWN.parse(markdown):
        if token.map:
            line = token.map[0]
        if token.type == "inline" and (content := _content(token).strip()):
            yield Text(file, before + line + 1, language, content)


def _content(token: Token) -> str:
    return "".join(_plain(each) for each in token.children or ())


def _plain(token: Token) -> str:
    match token.type:
        case "text":
            return _TAG.sub("", token.content)
        case "code_inline":
            return CODE_WORD
        case "softbreak" | "hardbreak":
            return " "
        case _:
            return ""

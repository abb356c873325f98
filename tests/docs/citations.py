"""What the code, the tests and the pages cite: every page must be in the repository, every section a heading in it.

A citation is the path of a page and, where one is meant, its sections: `docs/facts/nodes.md §6`, `docs/facts/nodes.md
§6, §9`. A page may cite its own sections without a path. Headings are numbered: `## 6 Title`.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDERS = ("ssmtui", "tests", "docs", ".ci", ".github")
_FILES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "tools/Makefile", "pyproject.toml")
_QUOTED = Path("tests/causes/pasted")
"""Texts of other people, who cite pages of their own."""
_TEXTS = frozenset({".md", ".py", ".tcss", ".toml", ".yaml", ".yml"})

_BETWEEN = r"[\s#]+"
_SECTIONS = r"§\d[\d.]*\d|§\d"
_CITED = re.compile(
    r"(?<![\w./:<>*{}-])(?P<page>[\w./-]*\w\.md)\b"
    rf"(?:{_BETWEEN}(?P<sections>(?:{_SECTIONS})(?:,{_BETWEEN}(?:{_SECTIONS}))*))?"
)
_SECTION = re.compile(_SECTIONS)
_LINK = re.compile(r"\]\((?P<page>[^)#:\s]*)(?:#(?P<fragment>[^)\s]*))?\)")
_ANCHOR = re.compile(r"<a id=\"([^\"]+)\">")
_HEADING = re.compile(r"^#+ +(?P<title>(?:(?P<number>\d+(?:\.\d+)*) )?.*)$", re.MULTILINE)
# What a recipe has somebody make is not there yet.
_TO_BE_MADE = re.compile(r"\bA new file `([^`]+)`")
# How documents were cited that are not in the repository.
_OUTSIDE = re.compile(r"\b(?:aws-facts|agent-errors|textual-practice|DESIGN)\b|\bshared/[\w./-]*\w")
_MAY_CITE = re.compile(rf"§|\.md\b|{_OUTSIDE.pattern}")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A citation that leads nowhere: where it stands, and what it names."""

    file: str
    line: int
    cited: str

    def __str__(self) -> str:
        """As a compiler would say it."""
        return f"{self.file}:{self.line}: {self.cited}"


def dead_citations(root: Path) -> list[Complaint]:
    """The citations below a folder that lead nowhere, by file and line."""
    found = {each for file in _files(root) for each in _dead_in(root, file)}
    return sorted(found, key=lambda each: (each.file, each.line, each.cited))


def cited_sections(root: Path) -> set[str]:
    """The sections that are cited by the path of their page, such as `docs/facts/nodes.md §6`."""
    return {
        f"{found['page']} {section}"
        for file in _files(root)
        for _, prose in _prose(file)
        for found in _CITED.finditer(prose)
        if found["page"].startswith("docs/")
        for section in _SECTION.findall(found["sections"] or "")
    }


def _files(root: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for each in sorted((root / folder).rglob("*")):
            if each.suffix in _TEXTS and each.is_file() and root / _QUOTED not in each.parents:
                yield each
    yield from (root / name for name in _FILES if (root / name).is_file())


def _dead_in(root: Path, file: Path) -> Iterator[Complaint]:
    name = str(file.relative_to(root))
    for first, prose in _prose(file):
        for place, cited in _dead_in_prose(root, file, prose):
            yield Complaint(name, first + prose.count("\n", 0, place), " ".join(cited.split()))


def _dead_in_prose(root: Path, file: Path, prose: str) -> Iterator[tuple[int, str]]:
    told: set[int] = set()
    to_be_made = set(_TO_BE_MADE.findall(prose))
    for found in _CITED.finditer(prose):
        told.update(range(*found.span()))
        if found["page"] in to_be_made:
            continue
        page = _page(root, file, found["page"])
        if page is None:
            yield found.start(), found["page"]
            continue
        for section in _SECTION.findall(found["sections"] or ""):
            if section not in _sections(page):
                yield found.start(), f"{found['page']} {section}"
    for found in _SECTION.finditer(prose):
        if found.start() not in told and not (file.suffix == ".md" and found.group() in _sections(file)):
            yield found.start(), found.group()
    for found in _OUTSIDE.finditer(prose):
        yield found.start(), found.group()
    if file.suffix == ".md":
        yield from _dead_links(file, prose)


def _dead_links(file: Path, prose: str) -> Iterator[tuple[int, str]]:
    for found in _LINK.finditer(prose):
        target = file.parent / found["page"] if found["page"] else file
        if not target.exists() or (found["fragment"] and found["fragment"] not in _anchors(target)):
            yield found.start(), found.group()[2:-1]


def _page(root: Path, file: Path, page: str) -> Path | None:
    """The page that a path means: of the repository, else beside the file that cites it."""
    return next((each for each in (root / page, file.parent / page) if each.is_file()), None)


def _prose(file: Path) -> Iterator[tuple[int, str]]:
    """What is written for people, with the line on which it begins: of Python comments and docstrings, else all."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        yield 1, text
        return
    if not _MAY_CITE.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    yield from _comments(text)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Comments on lines that follow each other are one."""
    first, last, lines = 0, 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if lines and line != last + 1:
            yield first, "\n".join(lines)
            lines = []
        first, last = first if lines else line, line
        lines.append(token.string)
    if lines:
        yield first, "\n".join(lines)


@cache
def _sections(page: Path) -> set[str]:
    return {f"§{found['number']}" for found in _HEADING.finditer(page.read_text(encoding="utf-8")) if found["number"]}


@cache
def _anchors(page: Path) -> set[str]:
    """The anchors that a page sets, and those that GitHub gives to its headings."""
    text = page.read_text(encoding="utf-8")
    titles = (found["title"] for found in _HEADING.finditer(text))
    return {
        *_ANCHOR.findall(text),
        *(re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles),
    }

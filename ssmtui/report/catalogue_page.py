"""Write the catalogue of causes as one Markdown page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ssmtui.causes.catalogue import Cause
from ssmtui.language import say, translatable
from ssmtui.model.finding import Link
from ssmtui.report.catalogue import along_the_path

_BACKTICKS = re.compile(r"`+")
_HOLE = re.compile(r"%[si]")


def cause_sections(cause: Cause, level: int) -> str:
    """Return the sections about a cause in the current language, with headings of this level."""
    heading = "#" * level
    parts = []
    if cause.known_by:
        parts.append(f"{heading} {say('Error texts')}")
        parts.extend(_block(each.text) for each in cause.known_by)
    parts.append(f"{heading} {say('What is wrong')}\n\n{cause.what_is_wrong}")
    parts.append(f"{heading} {say('How to resolve')}\n\n{cause.how_to_resolve}")
    if cause.to_know:
        parts.append(f"{heading} {say('What to know')}\n\n{cause.to_know}")
    if cause.documentation:
        links = "\n".join(f"- [{each.title}]({each.url})" for each in cause.documentation)
        parts.append(f"{heading} {say('Documentation')}\n\n{links}")
    return "\n\n".join(parts) + "\n"


def with_holes(text: str) -> str:
    """Return a known text for people: … replaces the values that AWS inserts."""
    return _HOLE.sub("…", text).strip()


def capitalised(words: str) -> str:
    """Return the words with a capital first letter."""
    return words[:1].upper() + words[1:]


def _block(text: str) -> str:
    """Return a text in a code fence that the text cannot close."""
    longest = max((len(found) for found in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{with_holes(text)}\n{fence}"


_INTRODUCTION = translatable(
    "# Why an AWS Session Manager session does not open\n\nEvery cause that [ssmtui](../README.md) knows: its error "
    "texts, what is wrong, and how to resolve it according to the\nAWS documentation. The causes are in the order in "
    "which a session reaches them: workstation, caller, instance,\nidentity, network, agent, preferences, operating "
    "system. One text can have several causes. With access to the account,\n`ssmtui check` finds the actual "
    "cause.\n\nIn the texts, … replaces a value that AWS inserts.\n\n<!-- Made from ssmtui/causes by `make docs`. "
    "-->\n"
)


def catalogue_page(causes: Iterable[Cause]) -> str:
    """Return the page about these causes in the current language."""
    ordered = along_the_path(causes)
    by_link = {link: [cause for cause in ordered if cause.link is link] for link in Link}
    parts = [say(_INTRODUCTION), *_contents(by_link)]
    for link, those in by_link.items():
        if those:
            parts.append(f"## {capitalised(say(link.value))}\n")
            parts.extend(_cause_text(cause) for cause in those)
    return "\n".join(parts)


def _contents(by_link: dict[Link, list[Cause]]) -> Iterator[str]:
    for link, those in by_link.items():
        if those:
            listed = "\n".join(f"  - [{capitalised(each.title)}](#{each.slug})" for each in those)
            yield f"- {capitalised(say(link.value))}\n{listed}"
    yield ""


def _cause_text(cause: Cause) -> str:
    heading = f'<a id="{cause.slug}"></a>\n\n### {capitalised(cause.title)}\n\n`{cause.slug}`'
    return f"{heading}\n\n{cause_sections(cause, level=4)}"

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
    """The sections about a cause in the language in force, each under a heading of that level."""
    heading = "#" * level
    parts = []
    if cause.known_by:
        parts.append(f"{heading} {say('Known by')}")
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
    """A known text as people read it: … where AWS puts something of its own."""
    return _HOLE.sub("…", text).strip()


def capitalised(words: str) -> str:
    """The words as they stand at the beginning of a line."""
    return words[:1].upper() + words[1:]


def _block(text: str) -> str:
    """A text in a fence that it cannot close."""
    longest = max((len(found) for found in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{with_holes(text)}\n{fence}"


_INTRODUCTION = translatable("""\
# Why an AWS Session Manager session does not open

Every cause that [ssmtui](../README.md) knows: the error texts it hides behind, what is wrong, and how AWS documents
that it is resolved. The causes stand in the order in which a session meets them on its way: workstation, caller,
instance, identity, network, agent, preferences, operating system. One text can have several causes; with an account
at hand, `ssmtui check` tells which of them is true there.

In the texts, … stands for whatever AWS puts there.

<!-- Made from ssmtui/causes by `make docs`. -->
""")


def catalogue_page(causes: Iterable[Cause]) -> str:
    """The page about these causes, in the language in force."""
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

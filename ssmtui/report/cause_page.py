"""A cause in Markdown: the texts that it hides behind, what is wrong, and how AWS documents that it is resolved."""

from __future__ import annotations

import re

from ssmtui.causes.cause import Cause
from ssmtui.language import say

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

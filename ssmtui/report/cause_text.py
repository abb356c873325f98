"""A cause on a page of its own: what is wrong, how to resolve it, what to know. Its Markdown as it is, or rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ssmtui.causes.cause import Cause
from ssmtui.language import say
from ssmtui.model.plain_text import printable_lines
from ssmtui.report.folding import Verbatim

_LINK = re.compile(r"\[(?P<title>[^\]]+)\]\((?P<url>[^)\s]+)\)")


def cause_lines(cause: Cause, width: int | None = None) -> Iterator[str]:
    """The lines of the page: Markdown, or, where a width is given, what a terminal of that width shows of it."""
    yield from _heading(f"── {cause.slug}: {cause.title}", width)
    sections = ((say("What is wrong"), cause.what_is_wrong), (say("How to resolve"), cause.how_to_resolve))
    for heading, text in (*sections, (say("What to know"), cause.to_know)):
        if text:
            yield ""
            yield from _heading(heading, width)
            yield from text_lines(text, width)
    yield ""
    for title, url in _pages(cause, linked=width is not None):
        yield say("AWS: {title}: {url}", title=title, url=url)


def text_lines(markdown: str, width: int | None) -> Iterator[str]:
    """The lines of a Markdown text: as it is, or rendered for a terminal of that width."""
    if width is None:
        yield from printable_lines(markdown)
        return
    from ssmtui.report.markdown_text import markdown_lines  # noqa: PLC0415 - it takes 50 ms, and pipes have no use for it

    yield from map(Verbatim, markdown_lines(markdown, width))


def _heading(words: str, width: int | None) -> Iterator[str]:
    if width is None:
        yield words
        return
    from ssmtui.report.markdown_text import heading  # noqa: PLC0415 - the same

    yield from map(Verbatim, heading(words, width))


def _pages(cause: Cause, *, linked: bool) -> Iterator[tuple[str, str]]:
    """The pages of documentation; where links are shown by their titles alone, those of the text as well."""
    pages = [(page.title, page.url) for page in cause.documentation]
    if linked:
        text = f"{cause.what_is_wrong}\n{cause.how_to_resolve}\n{cause.to_know}"
        pages += [(" ".join(link["title"].split()), link["url"]) for link in _LINK.finditer(text)]
    titles: dict[str, str] = {}
    for title, url in pages:
        titles.setdefault(url, title)
    yield from ((title, url) for url, title in titles.items())

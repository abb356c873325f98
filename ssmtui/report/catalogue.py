"""List causes and checks: tables for people, JSON for programs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ssmtui.causes.catalogue import Cause
from ssmtui.checks.registry import Check
from ssmtui.language import say
from ssmtui.model.finding import Link
from ssmtui.model.plan import JSON
from ssmtui.report.text_layout import Column, Verbatim, table_rows
from ssmtui.text.printable import printable_lines

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
    from ssmtui.report.terminal_markdown import markdown_lines  # noqa: PLC0415 - it takes 50 ms, and pipes have no use for it

    yield from map(Verbatim, markdown_lines(markdown, width))


def _heading(words: str, width: int | None) -> Iterator[str]:
    if width is None:
        yield words
        return
    from ssmtui.report.terminal_markdown import heading  # noqa: PLC0415 - the same

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


CAUSES_SCHEMA = "ssmtui.causes/1"


def along_the_path(causes: Iterable[Cause]) -> list[Cause]:
    """The causes in the order of the path that a session walks, those of one link by their slugs."""
    return sorted(causes, key=lambda each: (each.link.position, each.slug))


def catalogue_lines(causes: Iterable[Cause], width: int | None = None) -> Iterator[str]:
    """One line a cause: slug, title, link and subject; of them what a terminal of that width has room for."""
    columns = (
        Column(say("cause").upper()),
        Column(say("title").upper(), least=46),
        Column(say("link").upper(), yields=2),
        Column(say("subject").upper(), yields=1),
    )
    rows = [(c.slug, c.title, say(c.link.value), say(c.subject.value)) for c in along_the_path(causes)]
    return table_rows(columns, rows, width)


def causes_document(causes: Iterable[Cause], checks: Sequence[Check]) -> Mapping[str, JSON]:
    """The same with the texts that each is known by.

    `checks` names those that can prove it: none, where a text is all that there is to go by.
    """
    return {"schema": CAUSES_SCHEMA, "causes": [_cause(each, checks) for each in along_the_path(causes)]}


def _cause(cause: Cause, checks: Sequence[Check]) -> Mapping[str, JSON]:
    return {
        "slug": cause.slug,
        "title": cause.title,
        "link": cause.link.value,
        "subject": cause.subject.value,
        "known_by": [{"text": each.text, "likelihood": each.likelihood} for each in cause.known_by],
        "documentation": [{"title": each.title, "url": each.url} for each in cause.documentation],
        "fixes": [each.slug for each in cause.fixes],
        "checks": [check.name for check in checks if cause.slug in check.causes],
    }


CHECKS_SCHEMA = "ssmtui.checks/1"
_WIDTH = 100
"""Where they are not for a terminal, which has a width of its own."""


def check_lines(
    checks: Sequence[Check], actions: Mapping[str, Sequence[str]], listing: Sequence[str], width: int | None = None
) -> Iterator[str]:
    """The checks by link, each with the causes it can name and the actions it needs."""
    yield say("Nodes are listed by")
    yield from _folded("", ", ".join(sorted(listing)), width)
    link = None
    for check in checks:
        if check.link is not link:
            link = check.link
            yield ""
            yield say(link.value).upper()
        yield f"  {check.name}: {say(check.title)}"
        yield from _folded(say("causes"), ", ".join(check.causes), width)
        yield from _folded(say("needs"), ", ".join(actions[check.name]) or _instead(check), width)


def checks_document(
    checks: Sequence[Check], actions: Mapping[str, Sequence[str]], listing: Sequence[str]
) -> Mapping[str, JSON]:
    """The same for programs."""
    return {
        "schema": CHECKS_SCHEMA,
        "listing": sorted(listing),
        "checks": [
            {
                "name": check.name,
                "title": check.title,
                "link": check.link.value,
                "causes": list(check.causes),
                "actions": list(actions[check.name]),
            }
            for check in checks
        ],
    }


def _instead(check: Check) -> str:
    if check.link is Link.WORKSTATION:
        return say("no permission: it looks at this computer")
    return say("nothing besides the listing")


def _folded(label: str, words: str, width: int | None) -> Iterator[str]:
    first = f"    {label:<7} " if label else "  "
    yield from textwrap.wrap(
        words,
        min(width or _WIDTH, _WIDTH),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )

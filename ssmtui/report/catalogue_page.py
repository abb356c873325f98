"""The catalogue as one Markdown page, so that whoever searches the web for an error text finds it.

`python -P -m ssmtui.report.catalogue_page fr` prints it in French; `make docs` keeps the page of every language.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.cause import Cause
from ssmtui.language import Language, marked, say, use
from ssmtui.model.path import Link
from ssmtui.report.cause_page import capitalised, cause_sections
from ssmtui.report.causes import along_the_path

_INTRODUCTION = marked("""\
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


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    use(Language(sys.argv[1]))
    sys.stdout.write(catalogue_page(catalogue().values()))

"""The page of causes: true to the catalogue, and found by the texts that people search for."""

from __future__ import annotations

import re

from ssmtui.causes.catalogue import Cause, Documentation, KnownText, catalogue
from ssmtui.model.finding import Link, SubjectKind
from ssmtui.report.catalogue_page import catalogue_page

A_CAUSE = Cause(
    "log-group-unreadable",
    "Role cannot read the log group",
    Link.PREFERENCES,
    SubjectKind.ROLE,
    (KnownText("the log group %s of %i is not `set up`"), KnownText("a ``` fence\nand more")),
    (Documentation("Logging", "https://docs.aws.amazon.com/logging"),),
    (),
    "The role may not.",
    "1. Let it.",
    "- Or not.",
)


def test_a_cause_is_told_in_full() -> None:
    _, _, section = catalogue_page([A_CAUSE]).partition("## Preferences\n\n")
    assert section == (
        '<a id="log-group-unreadable"></a>\n\n### Role cannot read the log group\n\n`log-group-unreadable`\n\n'
        "#### Error texts\n\n"
        "```text\nthe log group … of … is not `set up`\n```\n\n"
        "````text\na ``` fence\nand more\n````\n\n"
        "#### What is wrong\n\nThe role may not.\n\n"
        "#### How to resolve\n\n1. Let it.\n\n"
        "#### What to know\n\n- Or not.\n\n"
        "#### Documentation\n\n- [Logging](https://docs.aws.amazon.com/logging)\n"
    )


def test_every_known_text_stands_in_a_block_of_its_own() -> None:
    page = catalogue_page(catalogue().values())
    for cause in catalogue().values():
        for known in cause.known_by:
            assert f"text\n{known.text.replace('%s', '…').replace('%i', '…').strip()}\n`" in page


def test_the_contents_lead_to_every_cause() -> None:
    page = catalogue_page(catalogue().values())
    assert sorted(re.findall(r"\]\(#([a-z0-9-]+)\)", page)) == sorted(catalogue())
    assert sorted(re.findall(r'<a id="([a-z0-9-]+)"></a>', page)) == sorted(catalogue())

"""An example of a configuration file: every setting as a comment, so that it says nothing until a line is freed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ssmtui.config.declared import SETTINGS
from ssmtui.config.setting import Setting, Table
from ssmtui.language import marked, say

_WIDTH = 78

_TABLES = {
    Table.PROFILES: ("[profiles.prod]", marked("For one profile, or those that are called so: [profiles.'prod-*'].")),
    Table.ACCOUNTS: ("[accounts.123456789012]", marked("For one account.")),
}


def example_lines() -> Iterator[str]:
    """The lines of the example, which is a configuration file that says nothing."""
    yield from _comment(say("The configuration of ssmtui. What is free of its # is in force; the rest is an example."))
    yield from _comment(say("A variable of the environment outranks it, and an option of the command line that."))
    for setting in SETTINGS:
        yield ""
        yield from _comment(say(setting.sentence))
        yield _said(setting)
    for table, (head, words) in _TABLES.items():
        alone = [each for each in SETTINGS if table in each.tables]
        if alone:
            yield ""
            yield from _comment(say(words))
            yield f"# {head}"
            yield from map(_said, alone)


def _said(setting: Setting[object]) -> str:
    return f"# {setting.name} = {setting.example}"


def _comment(sentence: str) -> Iterator[str]:
    # Two marks: a reader, and a program, tell words from what may be freed.
    yield from textwrap.wrap(sentence, _WIDTH, initial_indent="## ", subsequent_indent="## ")

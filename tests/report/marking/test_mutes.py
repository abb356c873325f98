"""What an entry of a mute file is about: patterns, of which no star takes longer than another."""

from __future__ import annotations

from datetime import date

import pytest

from ssmtui.report.annotated_report import Mute, MuteMatcher
from tests.report.papers import finding_of, node_of
from tests.report.written_reports import a_finding_object, a_node_object


def names(pattern: str, name: str) -> bool:
    return Mute((), (), (pattern,), "OPS-1", date.max).names(node_of(a_node_object("i-1", name=name)))


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("web-*", "web-1", True),
        ("web-?", "web-12", False),
        ("*", "two\nlines", True),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("[!a]*", "[!a]b", True),
        ("(a|b)+.$", "(a|b)+.$", True),
        ("a.c", "abc", False),
    ],
)
def test_only_stars_and_question_marks_stand_for_others(pattern: str, name: str, wanted: object) -> None:
    assert names(pattern, name) is wanted


def test_a_pattern_of_many_stars_takes_no_longer_than_one() -> None:
    assert not names("*a" * 50 + "b", "a" * 256)


def test_entries_that_nothing_is_muted_by_are_known() -> None:
    fleet = [node_of(a_node_object(id_, name=name)) for id_, name in (("i-1", "web-1"), ("i-2", "db-1"))]
    found = [
        finding_of(a_finding_object("key", ["i-1"], "kms-key-disabled")),
        finding_of(a_finding_object("i-9", [], "not-running")),
    ]

    def entry(cause: str = "", subject: str = "", node: str = "") -> Mute:
        causes, subjects, nodes = ((each,) if each else () for each in (cause, subject, node))
        return Mute(causes, subjects, nodes, "OPS-1", date.max)

    busy = entry("kms-*"), entry(node="db-*"), entry("kms-*", node="web-*"), entry(subject="key")
    idle = entry("egress-*"), entry(node="old-*"), entry("kms-*", node="db-*"), entry("not-running")
    assert MuteMatcher.of((*busy, *idle), fleet).idle(found) == idle

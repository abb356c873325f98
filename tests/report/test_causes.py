from __future__ import annotations

import json

from ssmtui.causes.catalogue import Cause, Documentation, FixOfCause, KnownText, catalogue
from ssmtui.checks.registry import all_checks
from ssmtui.model.finding import Link, SubjectKind
from ssmtui.report.catalogue import along_the_path, catalogue_lines, causes_document


def a_cause(slug: str, link: Link = Link.PREFERENCES, title: str = "key does not exist") -> Cause:
    return Cause(
        slug,
        title,
        link,
        SubjectKind.KEY,
        (KnownText("Invalid keyId %s", 0.8),),
        (Documentation("Keys", "https://docs.aws.amazon.com/kms/"),),
        (FixOfCause("choose-session-key", "Choose another key"),),
        "The key is gone.",
        "Choose another.",
    )


def test_the_table_has_one_aligned_line_a_cause_along_the_path() -> None:
    causes = [a_cause("kms-key-missing"), a_cause("clock", Link.CALLER, "清 clock"), a_cause("a-key")]
    assert list(catalogue_lines(causes)) == [
        "CAUSE            TITLE               LINK         SUBJECT",
        "clock            清 clock            caller       key",
        "a-key            key does not exist  preferences  key",
        "kms-key-missing  key does not exist  preferences  key",
    ]


def test_json_holds_the_texts_and_who_can_prove_it() -> None:
    document = causes_document([a_cause("kms-key-missing"), a_cause("told-by-a-text-only")], all_checks())
    assert document["schema"] == "ssmtui.causes/1"
    proved, told = json.loads(json.dumps(document["causes"]))
    assert proved == {
        "slug": "kms-key-missing",
        "title": "key does not exist",
        "link": "preferences",
        "subject": "key",
        "known_by": [{"text": "Invalid keyId %s", "likelihood": 0.8}],
        "documentation": [{"title": "Keys", "url": "https://docs.aws.amazon.com/kms/"}],
        "fixes": ["choose-session-key"],
        "checks": [check.name for check in all_checks() if "kms-key-missing" in check.causes],
    }
    assert proved["checks"] != []
    assert told["checks"] == []


def test_every_cause_of_the_catalogue_is_listed() -> None:
    document = json.loads(json.dumps(causes_document(catalogue().values(), all_checks())))
    ordered = [each.slug for each in along_the_path(catalogue().values())]
    assert [each["slug"] for each in document["causes"]] == ordered
    assert sorted(ordered) == sorted(catalogue())
    positions = [catalogue()[slug].link.position for slug in ordered]
    assert positions == sorted(positions)
    assert len(list(catalogue_lines(catalogue().values()))) == 1 + len(ordered)

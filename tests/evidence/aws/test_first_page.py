"""An empty page that has more behind it is not taken for all there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

import ssmtui
from ssmtui.evidence.aws.reader_api import first_page
from ssmtui.evidence.aws.sdk import NotPaged, find_paging
from tests.builders.fleet import NOON
from tests.evidence.fake_aws import Canned, FakeAws

EMPTY: Canned = {"Events": [], "NextToken": "more"}
FULL: Canned = {"Events": [{"EventId": "e-1", "EventTime": NOON}], "NextToken": "more"}
LAST: Canned = {"Events": []}

ONE_PAGE = {
    ("s3", "ListBuckets"): "answers in pages where they are asked for",
}


@pytest.mark.parametrize(
    ("pages", "looked_at", "found"),
    [([FULL, FULL], 1, 1), ([EMPTY, EMPTY, FULL, FULL], 3, 1), ([EMPTY, LAST], 2, 0), ([EMPTY] * 20, 8, 0)],
    ids=["at once", "behind empty ones", "nowhere", "nowhere for long"],
)
async def test_the_first_page_that_holds_something_is_looked_for(
    pages: list[Canned], looked_at: int, found: int
) -> None:
    aws = FakeAws(cloudtrail_LookupEvents=pages)
    page = await first_page(aws, "cloudtrail", "LookupEvents", "Events", MaxResults=50)
    assert (len(page.parts("Events")), aws.calls["cloudtrail:LookupEvents"]) == (found, looked_at)


def test_no_reader_asks_for_a_single_page_of_what_answers_in_pages() -> None:
    asked = {
        (file.name, service, operation)
        for file in (Path(ssmtui.__file__).parent / "evidence" / "readers").rglob("*.py")
        for service, operation in re.findall(r'\.call\(\s*"([\w-]+)",\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert asked
    assert {each for each in asked if is_paged(*each[1:]) and each[1:] not in ONE_PAGE} == set()


def is_paged(service: str, operation: str) -> bool:
    try:
        find_paging(service, operation, Loader().load_service_model)
    except (NotPaged, UnknownServiceError):
        return False
    return True

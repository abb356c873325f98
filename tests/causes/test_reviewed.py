"""Each cause page names the day of its last review, or is listed here with the reason why it was not reviewed.

CONTRIBUTING.md says what a review is. Both lists only get shorter: an entry that is no longer needed fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ssmtui.causes.catalogue import catalogue
from ssmtui.model.finding import Link

LINKS_NOT_REVIEWED = frozenset(Link) - {
    Link.AGENT,
    Link.CALLER,
    Link.IDENTITY,
    Link.INSTANCE,
    Link.NETWORK,
    Link.SYSTEM,
}
"""The pages of these links wait for their first review."""

NOT_REVIEWED: Mapping[str, str] = {
    "agent-absent": "repost.aws/knowledge-center/execute-user-data-ec2",
    "domain-controller": "repost.aws/knowledge-center/ssm-session-manager-failures",
}
"""Slug of a page of the other links: the linked page of which no copy was available."""


def test_a_page_without_a_review_is_listed_with_its_reason() -> None:
    reviewable = [each for each in catalogue().values() if each.link not in LINKS_NOT_REVIEWED]
    assert {each.slug for each in reviewable if each.reviewed is None} == set(NOT_REVIEWED)
    assert all(NOT_REVIEWED.values())


def test_a_link_waits_only_while_one_of_its_pages_was_not_reviewed() -> None:
    waiting = {each.link for each in catalogue().values() if each.reviewed is None and each.slug not in NOT_REVIEWED}
    assert waiting == set(LINKS_NOT_REVIEWED)


def test_no_review_is_in_the_future() -> None:
    today = datetime.now(UTC).date()
    assert [each.slug for each in catalogue().values() if each.reviewed and each.reviewed > today] == []

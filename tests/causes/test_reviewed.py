"""Each cause page names the day of its last review, or is listed here with the reason why it was not reviewed.

CONTRIBUTING.md says what a review is. The list only gets shorter: an entry that is no longer needed fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ssmtui.causes.catalogue import catalogue

_SESSION_FAILURES = "repost.aws/knowledge-center/ssm-session-manager-failures: only its beginning"

NOT_REVIEWED: Mapping[str, str] = {
    "agent-absent": "repost.aws/knowledge-center/execute-user-data-ec2",
    "cloudwatch-logs-lost": _SESSION_FAILURES,
    "domain-controller": _SESSION_FAILURES,
    "kms-key-missing": _SESSION_FAILURES,
    "kms-node-denied": _SESSION_FAILURES,
    "log-group-unencrypted": _SESSION_FAILURES,
    "plugin-known-bad": "plugin-version-history.html: the copy ends with version 1.2.835.0",
    "s3-encryption-unreadable": _SESSION_FAILURES,
    "s3-logs-lost": _SESSION_FAILURES,
}
"""Slug of a page: the linked page of which no whole copy was available."""


def test_a_page_without_a_review_is_listed_with_its_reason() -> None:
    assert {each.slug for each in catalogue().values() if each.reviewed is None} == set(NOT_REVIEWED)
    assert all(NOT_REVIEWED.values())


def test_no_review_is_in_the_future() -> None:
    today = datetime.now(UTC).date()
    assert [each.slug for each in catalogue().values() if each.reviewed and each.reviewed > today] == []

"""Every fix that anything names exists, and is offered in rank: least privilege and least reach first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import ssmtui.checks
from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.denials import fixes_for
from ssmtui.fixes.frame.fix import all_fixes
from ssmtui.fixes.steps.by_hand import all_steps
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Question
from tests.causes.test_catalogue import FIXES, WEAKENING

REGION_WIDE = {
    "edit-preferences",
    "repair-preferences",
    "align-preferences-versions",
    "choose-session-key",
    "create-preferences",
    "enable-advanced-tier",
    "enable-host-management",
    *WEAKENING,
}
"""Fixes that reach every node of a Region; what only makes something that was named already is not among them."""


CALLER = "steps-caller-policy"
INSTALL = "steps-install-plugin"
OTHER_KEY = {"choose-session-key", "clear-session-key"}
OFFERED: Mapping[str, set[str]] = {
    **{slug: {INSTALL} for slug in ("plugin-missing", "plugin-not-on-path", "plugin-outdated", "plugin-known-bad")},
    **{slug: {CALLER} for slug in ("caller-needs-access-request", "caller-start-denied", "caller-document-denied")},
    **{slug: {CALLER} for slug in ("caller-terminate-denied", "caller-resume-denied", "caller-open-channel-denied")},
    **{slug: {CALLER} for slug in ("caller-preferences-denied", "caller-desktop-denied", "kms-caller-denied")},
    "instance-not-running": {"start-instance"},
    "instance-impaired": {"reboot-instance"},
    "imds-disabled": {"enable-instance-metadata"},
    "agent-absent": {"steps-install-agent"},
    "agent-hibernating": {"steps-install-agent"},
    "root-volume-full": {"steps-free-disk"},
    "run-out-of-watches": {"raise-inotify-limit", "terminate-stale-session"},
    "instance-profile-missing": {"attach-instance-profile", "enable-host-management"},
    "instance-profile-empty": {"add-role-to-profile"},
    "role-trust-wrong": {"repair-role-trust"},
    "role-core-denied": {"attach-core-policy"},
    "role-channels-denied": {"attach-core-policy"},
    "dhmc-off": {"enable-host-management"},
    "dhmc-agent-too-old": {"update-agent"},
    "dhmc-needs-imdsv2": {"require-imdsv2"},
    "profile-attached-late": {"reboot-instance"},
    **{slug: {"create-endpoint"} for slug in ("no-route-to-endpoint", "endpoint-missing", "log-endpoint-missing")},
    "endpoint-security-group-closed": {"open-endpoint-ingress"},
    "endpoint-private-dns-off": {"enable-private-dns"},
    "endpoint-policy-denies": {"steps-network"},
    "network-acl-blocks": {"steps-network"},
    "shared-vpc": {"steps-network"},
    "vpc-dns-off": {"enable-vpc-dns"},
    "egress-blocked": {"open-node-egress"},
    "not-registered": {"steps-install-agent"},
    "control-channel-down": {"restart-agent"},
    **{slug: {"update-agent"} for slug in ("agent-too-old", "agent-outdated", "message-api-retiring")},
    "agent-version-flawed": {"update-agent"},
    "agent-update-failed": {"update-agent", "steps-install-agent"},
    "agent-needs-wmic": {"steps-add-wmic"},
    "agent-service-disabled": {"steps-install-agent"},
    "agent-unit-removed": {"steps-install-agent"},
    "sessions-left-open": {"steps-end-sessions"},
    "role-protected": {"replace-instance-profile", "steps-protected-role"},
    "hybrid-tier-standard": {"enable-advanced-tier"},
    "duplicate-registration": {"steps-reregister"},
    "preferences-absent": {"create-preferences"},
    "preferences-drift": {"align-preferences-versions"},
    "preferences-malformed": {"repair-preferences"},
    **dict.fromkeys(("kms-key-missing", "kms-key-wrong-region", "kms-key-unusable"), OTHER_KEY),
    "kms-key-disabled": {"enable-key"},
    "kms-key-pending-deletion": {"cancel-key-deletion"},
    "kms-key-jit-tag-missing": {"tag-key-for-access-requests"},
    "kms-node-denied": {"grant-node-key-access"},
    "s3-bucket-missing": {"edit-preferences"},
    "s3-encryption-unreadable": {"grant-node-bucket-lookup", "toggle-s3-encryption"},
    "s3-encryption-refused": {"toggle-s3-encryption"},
    "s3-logs-lost": {"grant-node-bucket-write"},
    "log-group-missing": {"create-log-group", "edit-preferences"},
    "log-group-unencrypted": {"encrypt-log-group", "toggle-cloudwatch-encryption"},
    "log-group-unreadable": {"grant-node-log-lookup"},
    "cloudwatch-logs-lost": {"grant-node-log-write"},
    **{slug: {"edit-preferences"} for slug in ("run-as-user-unset", "run-as-user-absent", "timeout-out-of-range")},
    "domain-controller": {"steps-domain-controller"},
}
"""What a cause must offer: the fixes of its row in the table of causes."""


def named_in_checks() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every tuple of slugs of fixes that a check holds, with the module that holds it."""
    for path in sorted(Path(ssmtui.checks.__path__[0]).rglob("*.py")):
        for part in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(part, ast.keyword) and part.arg == "fixes":
                constants = (each for each in ast.walk(part.value) if isinstance(each, ast.Constant))
                slugs = tuple(each.value for each in constants if isinstance(each.value, str) and "-" in each.value)
                if slugs:
                    yield str(path), slugs


def out_of_rank(slugs: tuple[str, ...]) -> bool:
    """Whether a fix stands behind one that weakens more, or that reaches further without weakening."""
    changes = [slug for slug in slugs if slug not in all_steps()]
    ranks = [(slug in WEAKENING, slug in REGION_WIDE) for slug in changes]
    return ranks != sorted(ranks)


def test_every_fix_of_the_table_exists_and_no_other() -> None:
    assert all_fixes().keys() | all_steps().keys() == FIXES


@pytest.mark.parametrize("slug", sorted(OFFERED))
def test_a_cause_offers_what_its_row_of_the_table_names(slug: str) -> None:
    assert OFFERED[slug] <= {offer.slug for offer in catalogue()[slug].fixes}


def test_every_fix_that_a_cause_offers_exists() -> None:
    offered = {offer.slug for cause in catalogue().values() for offer in cause.fixes}
    assert offered <= all_fixes().keys() | all_steps().keys()


def test_every_fix_that_a_check_names_exists_and_is_offered_by_a_cause() -> None:
    named = {slug for _, slugs in named_in_checks() for slug in slugs}
    assert len(named) > 20
    assert named <= all_fixes().keys() | all_steps().keys()
    assert named <= {offer.slug for cause in catalogue().values() for offer in cause.fixes}


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_a_cause_offers_what_grants_before_what_weakens_and_the_near_before_the_far(slug: str) -> None:
    assert not out_of_rank(tuple(offer.slug for offer in catalogue()[slug].fixes))


def test_a_check_offers_them_in_the_same_rank() -> None:
    assert [each for each in named_in_checks() if out_of_rank(each[1])] == []


def test_a_grant_comes_before_what_was_to_come_after_it_and_goes_where_it_would_not_help() -> None:
    def denied(denier: Denier) -> EvaluationResult:
        return EvaluationResult(Question("kms:Decrypt", "*"), Decision.IMPLICIT_DENY, denier)

    by_role, by_organization = denied(Denier.IDENTITY), denied(Denier.ORGANIZATION)
    assert fixes_for((by_role,), "grant-node-key-access", "clear-session-key") == (
        "grant-node-key-access",
        "clear-session-key",
    )
    assert fixes_for((by_organization,), "grant-node-key-access", "clear-session-key") == (
        "steps-organization-policy",
        "clear-session-key",
    )

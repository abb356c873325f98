"""What holds for every check: it can be wired, told apart, and keeps the agent's order."""

from __future__ import annotations

from ssmtui.checks.registry import Check, all_checks
from ssmtui.model.finding import Link

PREFERENCES_IN_ORDER = [
    "document-invalid",
    "preferences-absent",
    "preferences-drift",
    "preferences-malformed",
    "timeout-out-of-range",
    "kms-key-wrong-region",
    "kms-key-missing",
    "kms-key-jit-tag-missing",
    "kms-node-denied",
    "log-group-missing",
    "log-group-unencrypted",
    "log-group-unreadable",
    "cloudwatch-logs-lost",
    "streaming-unsupported",
    "s3-bucket-missing",
    "s3-encryption-unreadable",
    "s3-encryption-refused",
    "s3-logs-lost",
    "run-as-user-unset",
    "run-as-user-absent",
    "custom-document-bypasses",
]
SEEDED = {
    *PREFERENCES_IN_ORDER[1:],
    *("caller-preferences-denied", "instance-not-running", "imds-disabled", "root-volume-full"),
    *("instance-profile-missing", "instance-profile-empty", "role-trust-wrong"),
    *("role-core-denied", "role-channels-denied"),
    *("dhmc-off", "dhmc-role-broken", "dhmc-agent-too-old", "dhmc-needs-imdsv2"),
    *("no-route-to-endpoint", "endpoint-missing", "endpoint-security-group-closed", "endpoint-private-dns-off"),
    *("vpc-dns-off", "egress-blocked", "network-acl-blocks", "blackhole-route", "shared-vpc", "log-endpoint-missing"),
    *("not-registered", "connection-lost", "control-channel-down"),
    *("kms-key-disabled", "kms-key-pending-deletion", "domain-controller"),
}


def by_link(link: Link) -> list[Check]:
    return [check for check in all_checks() if check.link is link]


def test_every_cause_of_the_seed_has_a_check() -> None:
    assert {cause for check in all_checks() for cause in check.causes} >= SEEDED


def test_a_cause_that_stands_for_an_unknown_stands_for_one_check_only() -> None:
    first = [check.causes[0] for check in all_checks()]
    assert len(first) == len(set(first))


def test_preferences_are_judged_in_the_agents_order() -> None:
    judged = [check.causes[0] for check in by_link(Link.PREFERENCES)]
    assert [cause for cause in judged if cause in PREFERENCES_IN_ORDER] == PREFERENCES_IN_ORDER


def test_only_what_explains_nothing_is_a_last_resort() -> None:
    last = {check.causes[0] for check in all_checks() if check.last_resort}
    assert last == {
        "agent-absent",
        "agent-hibernating",
        "not-registered",
        "connection-lost",
        "control-channel-down",
    }


def test_every_check_has_a_title_that_ends_without_a_full_stop() -> None:
    assert all(check.title and not check.title.endswith(".") for check in all_checks())


def test_every_link_has_a_check() -> None:
    assert {check.link for check in all_checks()} == set(Link)

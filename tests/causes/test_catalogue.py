"""The catalogue as it ships: complete, true to the table of causes, and fit to be read and copied."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import resources

import pytest

from ssmtui.causes.catalogue import catalogue, cause
from ssmtui.causes.cause import Cause
from ssmtui.causes.unwrapping import visible
from ssmtui.checks.check import all_checks
from ssmtui.model.path import Link

TABLE = {
    "caller-preferences-denied": ("caller", "caller"),
    "instance-not-running": ("instance", "node"),
    "imds-disabled": ("instance", "node"),
    "root-volume-full": ("instance", "node"),
    "instance-profile-missing": ("identity", "node"),
    "instance-profile-empty": ("identity", "instance-profile"),
    "role-trust-wrong": ("identity", "role"),
    "role-core-denied": ("identity", "role"),
    "role-channels-denied": ("identity", "role"),
    "dhmc-off": ("identity", "service-setting"),
    "dhmc-role-broken": ("identity", "service-setting"),
    "dhmc-agent-too-old": ("identity", "node"),
    "dhmc-needs-imdsv2": ("identity", "node"),
    "no-route-to-endpoint": ("network", "subnet"),
    "endpoint-missing": ("network", "subnet"),
    "endpoint-security-group-closed": ("network", "security-group"),
    "endpoint-private-dns-off": ("network", "endpoint"),
    "endpoint-policy-denies": ("network", "endpoint"),
    "vpc-dns-off": ("network", "vpc"),
    "egress-blocked": ("network", "security-group"),
    "network-acl-blocks": ("network", "network-acl"),
    "blackhole-route": ("network", "route-table"),
    "shared-vpc": ("network", "subnet"),
    "log-endpoint-missing": ("network", "subnet"),
    "not-registered": ("agent", "node"),
    "connection-lost": ("agent", "node"),
    "control-channel-down": ("agent", "node"),
    "preferences-absent": ("preferences", "document"),
    "preferences-malformed": ("preferences", "document"),
    "kms-key-missing": ("preferences", "key"),
    "kms-key-disabled": ("preferences", "key"),
    "kms-key-pending-deletion": ("preferences", "key"),
    "kms-key-wrong-region": ("preferences", "key"),
    "kms-key-unusable": ("preferences", "key"),
    "kms-node-denied": ("preferences", "role"),
    "s3-bucket-missing": ("preferences", "bucket"),
    "s3-encryption-unreadable": ("preferences", "role"),
    "s3-encryption-refused": ("preferences", "bucket"),
    "s3-logs-lost": ("preferences", "role"),
    "log-group-missing": ("preferences", "log-group"),
    "log-group-unencrypted": ("preferences", "log-group"),
    "log-group-unreadable": ("preferences", "role"),
    "cloudwatch-logs-lost": ("preferences", "role"),
    "domain-controller": ("operating system", "node"),
    "hybrid-tier-standard": ("agent", "node"),
    "agent-too-old": ("agent", "node"),
    "agent-outdated": ("agent", "node"),
    "ecs-exec-failed": ("agent", "node"),
    "sessions-left-open": ("instance", "node"),
    "role-protected": ("identity", "role"),
    "agent-needs-wmic": ("agent", "node"),
    "agent-service-disabled": ("agent", "node"),
    "agent-unit-removed": ("agent", "node"),
    "agent-version-flawed": ("agent", "node"),
    "agent-update-failed": ("agent", "node"),
    "message-api-retiring": ("agent", "node"),
    "activation-expired": ("agent", "node"),
    "duplicate-registration": ("agent", "node"),
    "managed-node-quota": ("agent", "region"),
    "preferences-drift": ("preferences", "document"),
    "timeout-out-of-range": ("preferences", "document"),
    "run-as-user-unset": ("preferences", "document"),
    "run-as-user-absent": ("preferences", "document"),
    "streaming-unsupported": ("preferences", "document"),
    "custom-document-bypasses": ("preferences", "document"),
    "caller-needs-access-request": ("caller", "caller"),
    "instance-starting": ("instance", "node"),
    "instance-impaired": ("instance", "node"),
    "profile-attached-late": ("identity", "node"),
    "ipv6-only-subnet": ("network", "subnet"),
    "session-idle-timeout": ("preferences", "document"),
    "session-maximum-duration": ("preferences", "document"),
    "session-terminated": ("caller", "caller"),
    "session-resume-denied": ("caller", "caller"),
    "handshake-timed-out": ("workstation", "workstation"),
    "encryption-challenge-failed": ("workstation", "workstation"),
    "data-channel-denied": ("identity", "role"),
    "data-channel-unreachable": ("network", "subnet"),
    "worker-crashed": ("agent", "node"),
    "node-plugin-missing": ("agent", "node"),
    "document-invalid": ("preferences", "document"),
    "document-wrong-type": ("preferences", "document"),
    "command-invalid": ("preferences", "document"),
    "shell-profile-failed": ("preferences", "document"),
    "port-refused": ("operating system", "node"),
    "port-forbidden": ("agent", "node"),
    "port-unset": ("caller", "caller"),
    "local-port-taken": ("workstation", "workstation"),
    "no-terminal": ("workstation", "workstation"),
    "ssh-tail": ("workstation", "workstation"),
    "throttled": ("caller", "region"),
    "service-error": ("agent", "region"),
    "caller-credentials": ("caller", "caller"),
    "target-invalid": ("caller", "caller"),
    "plugin-missing": ("workstation", "workstation"),
    "plugin-not-on-path": ("workstation", "workstation"),
    "plugin-outdated": ("workstation", "workstation"),
    "plugin-known-bad": ("workstation", "workstation"),
    "credentials-missing": ("workstation", "workstation"),
    "credentials-expired": ("workstation", "workstation"),
    "credentials-expire-soon": ("workstation", "workstation"),
    "workstation-clock-skewed": ("workstation", "workstation"),
    "socket-path-too-long": ("workstation", "workstation"),
    "messages-endpoint-unreachable": ("workstation", "workstation"),
    "wrong-region-or-account": ("workstation", "workstation"),
    "caller-start-denied": ("caller", "caller"),
    "caller-document-denied": ("caller", "caller"),
    "caller-terminate-denied": ("caller", "caller"),
    "caller-resume-denied": ("caller", "caller"),
    "caller-open-channel-denied": ("caller", "caller"),
    "caller-desktop-denied": ("caller", "caller"),
    "kms-key-jit-tag-missing": ("preferences", "key"),
    "wrong-principal": ("identity", "role"),
    "kms-caller-denied": ("caller", "caller"),
    "agent-absent": ("instance", "node"),
    "agent-hibernating": ("instance", "node"),
    "node-clock-skewed": ("instance", "node"),
    "run-out-of-watches": ("instance", "node"),
    "ssm-user-refused": ("operating system", "node"),
    "shell-start-failed": ("operating system", "node"),
    "node-region-mistyped": ("agent", "node"),
}
"""The link and the subject of every cause, as the table of causes has them."""

FIXES = frozenset(
    [
        "toggle-s3-encryption",
        "toggle-cloudwatch-encryption",
        "edit-preferences",
        "create-preferences",
        "repair-preferences",
        "align-preferences-versions",
        "choose-session-key",
        "clear-session-key",
        "enable-key",
        "cancel-key-deletion",
        "tag-key-for-access-requests",
        "grant-node-key-access",
        "grant-node-bucket-lookup",
        "grant-node-bucket-write",
        "grant-node-log-lookup",
        "grant-node-log-write",
        "create-log-group",
        "encrypt-log-group",
        "attach-core-policy",
        "repair-role-trust",
        "attach-instance-profile",
        "replace-instance-profile",
        "add-role-to-profile",
        "enable-host-management",
        "grant-host-management-role",
        "enable-instance-metadata",
        "require-imdsv2",
        "start-instance",
        "reboot-instance",
        "restart-agent",
        "update-agent",
        "open-endpoint-ingress",
        "open-node-egress",
        "enable-private-dns",
        "enable-vpc-dns",
        "create-endpoint",
        "enable-advanced-tier",
        "terminate-stale-session",
        "raise-inotify-limit",
        "steps-domain-controller",
        "steps-add-wmic",
        "steps-end-sessions",
        "steps-permission-set",
        "steps-protected-role",
        "steps-install-agent",
        "steps-free-disk",
        "steps-caller-policy",
        "steps-organization-policy",
        "steps-network",
        "steps-reregister",
        "steps-install-plugin",
    ]
)
WEAKENING = frozenset({"toggle-s3-encryption", "toggle-cloudwatch-encryption", "clear-session-key"})

every_cause = pytest.mark.parametrize("slug", sorted(TABLE))


def markdown_of(found: Cause) -> str:
    return "\n\n".join((found.what_is_wrong, found.how_to_resolve, found.to_know))


def code_blocks(markdown: str, language: str) -> list[str]:
    return [
        block for kind, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```$", markdown, re.M | re.S) if kind == language
    ]


def test_the_catalogue_holds_the_causes_of_the_table_and_no_other() -> None:
    assert list(catalogue()) == sorted(TABLE)


def test_every_markdown_file_beside_the_loader_is_a_cause() -> None:
    files = {file.name for file in resources.files("ssmtui.causes").iterdir() if file.name.endswith(".md")}
    causes, twins = ({f"{slug}{ending}" for slug in catalogue()} for ending in (".md", ".fr.md"))
    assert causes <= files <= causes | twins


def test_every_cause_that_a_check_names_has_a_file() -> None:
    named = {slug for check in all_checks() for slug in check.causes}
    assert named
    assert named <= set(catalogue())


def test_a_cause_stands_on_the_link_of_every_check_that_names_it() -> None:
    named = [(check.name, slug, check.link) for check in all_checks() for slug in check.causes]
    assert [each for each in named if cause(each[1]).link is not each[2]] == []


def test_an_unknown_slug_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        cause("lamp-unlit")


def test_importing_the_catalogue_loads_neither_yaml_nor_an_sdk() -> None:
    program = (
        "import sys, ssmtui.causes.catalogue\n"
        "print([name for name in ('ruamel.yaml', 'botocore', 'textual', 'asyncio') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


@every_cause
def test_link_and_subject_are_those_of_the_table(slug: str) -> None:
    found = cause(slug)
    assert (found.slug, found.link.value, found.subject.value) == (slug, *TABLE[slug])


@every_cause
def test_the_title_fits_the_why_column(slug: str) -> None:
    title = cause(slug).title
    assert len(title) <= 48
    assert not title.endswith(".")
    assert title.isprintable()


@every_cause
def test_documentation_is_named_and_is_aws_own(slug: str) -> None:
    documentation = cause(slug).documentation
    assert documentation
    for page in documentation:
        assert page.title
        assert page.url.startswith(("https://docs.aws.amazon.com/", "https://repost.aws/knowledge-center/"))


@every_cause
def test_every_cause_that_a_check_can_name_beyond_this_machine_offers_fixes_that_exist_each_once(slug: str) -> None:
    offered = [offer.slug for offer in cause(slug).fixes]
    named = {each for check in all_checks() if check.link is not Link.WORKSTATION for each in check.causes}
    # What mends these is another name on the person's own command line.
    assert offered or slug not in named - {"document-invalid", "document-wrong-type"}
    assert set(offered) <= FIXES
    assert len(set(offered)) == len(offered)


@every_cause
def test_every_fix_is_titled_as_something_to_do(slug: str) -> None:
    for offer in cause(slug).fixes:
        assert len(offer.title) <= 60
        assert offer.title[0].isupper()
        assert not offer.title.endswith(".")


@every_cause
def test_what_weakens_says_in_one_sentence_what_is_lost_and_nothing_else_does(slug: str) -> None:
    for offer in cause(slug).fixes:
        assert bool(offer.loses) == (offer.slug in WEAKENING)
        assert re.fullmatch(r"[^.]+\.|", offer.loses)


@every_cause
def test_what_weakens_comes_after_everything_that_does_not(slug: str) -> None:
    weakening = [offer.slug in WEAKENING for offer in cause(slug).fixes]
    assert weakening == sorted(weakening)


@every_cause
def test_a_fix_that_only_weakens_is_never_the_only_one(slug: str) -> None:
    assert not cause(slug).fixes or not all(offer.slug in WEAKENING for offer in cause(slug).fixes)


@every_cause
def test_what_is_wrong_is_two_to_four_plain_sentences(slug: str) -> None:
    text = " ".join(cause(slug).what_is_wrong.split())
    assert 2 <= len(re.findall(r"[.](?= [A-Z*`]|$)", text)) <= 4
    assert "```" not in text


@every_cause
def test_the_resolution_is_numbered_steps_from_one(slug: str) -> None:
    steps = re.findall(r"^(\d+)\. ", cause(slug).how_to_resolve, re.MULTILINE)
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    assert cause(slug).how_to_resolve.startswith("1. ")


@every_cause
def test_every_json_block_can_be_copied_as_it_stands(slug: str) -> None:
    for block in code_blocks(markdown_of(cause(slug)), "json"):
        statement = json.loads(block)
        assert statement["Effect"] == "Allow"
        assert statement["Action"]
        assert "Resource" in statement or statement["Action"] == "sts:AssumeRole"


@every_cause
def test_every_code_block_says_its_language_and_is_closed(slug: str) -> None:
    fences = re.findall(r"^ *```(\w*)$", markdown_of(cause(slug)), re.MULTILINE)
    assert set(fences[0::2]) <= {"json", "sh", "powershell"}
    assert set(fences[1::2]) <= {""}
    assert len(fences) % 2 == 0


@every_cause
def test_code_is_narrow_enough_to_be_read_beside_the_path(slug: str) -> None:
    code = re.findall(r"^ *```\w+\n(.*?)^ *```$", markdown_of(cause(slug)), re.MULTILINE | re.DOTALL)
    assert all(len(line) <= 90 for block in code for line in block.splitlines())


@every_cause
def test_nothing_is_tied_to_one_partition(slug: str) -> None:
    assert "arn:aws" not in markdown_of(cause(slug))


@every_cause
def test_every_link_in_the_text_leads_to_aws(slug: str) -> None:
    links = re.findall(r"\]\(([^)]*)\)", markdown_of(cause(slug)))
    assert all(link.startswith("https://docs.aws.amazon.com/") for link in links)


@every_cause
def test_known_texts_are_single_lines_without_blanks_around_them(slug: str) -> None:
    for known in cause(slug).known_by:
        assert known.text == " ".join(known.text.split())


@every_cause
def test_no_cause_knows_a_text_twice(slug: str) -> None:
    texts = [visible(known.text) for known in cause(slug).known_by]
    assert len(set(texts)) == len(texts)


@every_cause
def test_a_known_text_is_long_enough_to_mean_something(slug: str) -> None:
    for known in cause(slug).known_by:
        assert len(visible(known.text)) >= 16

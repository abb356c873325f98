"""Every fix, with a small world that it puts right: what the tests of changes go through."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from ssmtui.cli.policy_actions import actions_for
from ssmtui.report.policy import PolicyTarget, Purpose, policy_document
from ssmtui.simulator.scenario import InlinePolicy, Role, Scenario
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.building_blocks import ENGINEER, allow
from tests.remediation.apply import faulty_worlds as worlds
from tests.remediation.apply import preference_worlds as prefs

POLICY = json.loads(
    json.dumps(policy_document(actions_for([Purpose.READ, Purpose.FIXES]), PolicyTarget(ACCOUNT, partition="aws")))
)
# Whoever may not open sessions is told that, and not that an agent lost its channel.
SESSIONS = allow(("ssm:StartSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel", "kms:GenerateDataKey"))
FIXER = Role(
    ENGINEER.name,
    trusted=ENGINEER.trusted,
    inline=(InlinePolicy("ssmtui", tuple(POLICY["Statement"])), InlinePolicy("sessions", (SESSIONS,))),
)
"""May read and fix by the policy that `ssmtui policy --read --fixes` prints, open sessions, and nothing else."""


@dataclass(frozen=True)
class Case:
    """A fix, the world that it is for, and the finding that it is made for; `after_undo` is the cause then.

    `stays` says that nothing takes it back, and `traceless` that AWS does not even tell whether it was made. `chosen`
    is what the fix is told, and `quiet` says that no node's verdict hangs on the finding; `eases` that it does not
    even go, only weighs less. One that is `charged` costs money, and one that `interrupts` stops what is under way.
    """

    fix: str
    world: str | Callable[[], Scenario]
    cause: str
    after_undo: str = ""
    stays: bool = False
    traceless: bool = False
    chosen: tuple[tuple[str, str], ...] = ()
    quiet: bool = False
    eases: bool = False
    charged: bool = False
    interrupts: bool = False

    @property
    def scenario(self) -> Scenario:
        """The world, looked at and put right by somebody who may do exactly what `ssmtui policy` prints."""
        return replace(world(self.world) if isinstance(self.world, str) else self.world(), caller=FIXER)

    def __str__(self) -> str:
        name = self.world if isinstance(self.world, str) else self.world.__name__
        return f"{self.fix}-{name}"


CASES = (
    Case("toggle-s3-encryption", "bucket-encryption-unreadable", "s3-encryption-unreadable"),
    Case("toggle-cloudwatch-encryption", "log-group-unencrypted", "log-group-unencrypted"),
    Case("grant-node-key-access", worlds.role_without_key, "kms-node-denied"),
    Case("grant-node-key-access", worlds.hybrid_role_without_key, "kms-node-denied"),
    Case("grant-node-key-access", worlds.host_management_role_without_key, "kms-node-denied"),
    Case("grant-node-bucket-lookup", "bucket-encryption-unreadable", "s3-encryption-unreadable"),
    Case("grant-node-bucket-write", "s3-logs-lost", "s3-logs-lost"),
    Case("grant-node-bucket-write", "large-logs-lost", "s3-logs-lost"),
    Case("grant-node-log-lookup", "log-group-unreadable", "log-group-unreadable"),
    Case("grant-node-log-write", "cloudwatch-logs-lost", "cloudwatch-logs-lost"),
    Case("attach-core-policy", worlds.role_without_core, "role-core-denied"),
    Case("attach-core-policy", worlds.role_without_channels, "role-channels-denied"),
    Case("enable-key", "key-disabled", "kms-key-disabled"),
    # The date of a deletion cannot be had back, so that the key is disabled instead.
    Case("cancel-key-deletion", "key-pending-deletion", "kms-key-pending-deletion", after_undo="kms-key-disabled"),
    Case("clear-session-key", "key-missing", "kms-key-missing"),
    Case("create-log-group", "log-group-missing", "log-group-missing"),
    Case("create-log-group", worlds.log_group_missing_and_any_will_do, "log-group-missing"),
    Case("enable-instance-metadata", worlds.metadata_off, "imds-disabled"),
    Case("start-instance", worlds.stopped, "instance-not-running", charged=True),
    Case("open-endpoint-ingress", worlds.endpoints_closed, "endpoint-security-group-closed"),
    Case("open-node-egress", worlds.egress_closed, "egress-blocked"),
    Case("enable-vpc-dns", worlds.dns_off, "vpc-dns-off"),
    Case(
        "attach-instance-profile",
        worlds.host_management_turned_off,
        "instance-profile-missing",
        chosen=(("profile", "web"),),
    ),
    Case("replace-instance-profile", worlds.profile_empty, "instance-profile-empty", chosen=(("profile", "web"),)),
    Case("add-role-to-profile", worlds.profile_empty, "instance-profile-empty", chosen=(("role", "web"),)),
    Case("enable-host-management", worlds.host_management_turned_off, "dhmc-off"),
    Case("enable-host-management", "host-management-role-missing", "dhmc-role-broken"),
    Case("create-endpoint", worlds.no_way_out, "no-route-to-endpoint", chosen=(("group", "lab-nodes"),), charged=True),
    Case("enable-private-dns", worlds.private_dns_off, "endpoint-private-dns-off"),
    Case("repair-role-trust", worlds.role_trusted_by_another_service, "role-trust-wrong"),
    Case("repair-role-trust", "host-management-role-trust-wrong", "dhmc-role-broken"),
    Case("grant-host-management-role", "host-management-role-denied", "dhmc-role-broken"),
    Case("require-imdsv2", "host-management-imdsv1", "dhmc-needs-imdsv2"),
    Case("enable-advanced-tier", "hybrid-tier-standard", "hybrid-tier-standard", charged=True, quiet=True),
    Case("reboot-instance", "instance-impaired", "instance-impaired", stays=True, traceless=True, interrupts=True),
    Case(
        "reboot-instance", "profile-attached-late", "profile-attached-late", stays=True, traceless=True, interrupts=True
    ),
    Case("restart-agent", "control-channel-down", "control-channel-down", stays=True, interrupts=True),
    Case("update-agent", worlds.agent_too_old, "agent-too-old", stays=True, interrupts=True),
    Case("raise-inotify-limit", "sessions-left-open", "run-out-of-watches", stays=True, quiet=True, eases=True),
    Case("terminate-stale-session", "sessions-left-open", "run-out-of-watches", stays=True, interrupts=True),
    Case("create-preferences", "preferences-absent", "preferences-absent", quiet=True),
    Case("align-preferences-versions", "preferences-drift", "preferences-drift"),
    Case("edit-preferences", "timeout-out-of-range", "timeout-out-of-range", chosen=(("idleSessionTimeout", "30"),)),
    Case(
        "edit-preferences",
        prefs.bucket_gone_and_another_is_there,
        "s3-bucket-missing",
        chosen=(("s3BucketName", "new-session-audit"), ("idleSessionTimeout", ""), ("shellProfile.linux", "cd /srv")),
    ),
    Case("repair-preferences", prefs.switch_left_empty, "preferences-malformed"),
    Case("repair-preferences", prefs.names_written_as_addresses, "preferences-malformed"),
    Case(
        "choose-session-key",
        prefs.key_disabled_and_a_spare,
        "kms-key-disabled",
        chosen=(("key", prefs.SPARE_KEY),),
    ),
    Case(
        "choose-session-key",
        prefs.key_elsewhere_and_a_spare,
        "kms-key-wrong-region",
        chosen=(("key", prefs.SPARE_KEY),),
    ),
    Case("tag-key-for-access-requests", "access-requests", "kms-key-jit-tag-missing"),
    Case("encrypt-log-group", "log-group-unencrypted", "log-group-unencrypted", chosen=(("key", prefs.LOGS_KEY),)),
)

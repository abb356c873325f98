"""The worlds that can be simulated, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.worlds import (
    agent_faults,
    bucket_faults,
    caller_faults,
    host_management,
    key_faults,
    log_group_faults,
    node_faults,
    preference_documents,
    sound,
)
from ssmtui.simulator.worlds.demo import demo

WORLDS: Mapping[str, Callable[[], Scenario]] = MappingProxyType(
    {
        "demo": demo,
        "healthy-small": sound.healthy_small,
        "empty": sound.empty,
        "key-missing": key_faults.key_missing,
        "key-disabled": key_faults.key_disabled,
        "key-pending-deletion": key_faults.key_pending_deletion,
        "key-unusable": key_faults.key_unusable,
        "key-wrong-region": key_faults.key_wrong_region,
        "bucket-missing": bucket_faults.bucket_missing,
        "bucket-encryption-unreadable": bucket_faults.bucket_encryption_unreadable,
        "bucket-policy-denies": bucket_faults.bucket_policy_denies,
        "s3-logs-lost": bucket_faults.s3_logs_lost,
        "log-group-missing": log_group_faults.log_group_missing,
        "log-group-unencrypted": log_group_faults.log_group_unencrypted,
        "log-group-unreadable": log_group_faults.log_group_unreadable,
        "cloudwatch-logs-lost": log_group_faults.cloudwatch_logs_lost,
        "host-management-off": host_management.host_management_off,
        "host-management-healthy": host_management.host_management_healthy,
        "host-management-role-missing": host_management.host_management_role_missing,
        "host-management-role-trust-wrong": host_management.host_management_role_trust_wrong,
        "host-management-role-denied": host_management.host_management_role_denied,
        "host-management-old-agent": host_management.host_management_old_agent,
        "host-management-imdsv1": host_management.host_management_imdsv1,
        "domain-controller": node_faults.domain_controller,
        "root-volume-full": node_faults.root_volume_full,
        "instance-starting": node_faults.instance_starting,
        "profile-attached-late": node_faults.profile_attached_late,
        "instance-impaired": node_faults.instance_impaired,
        "agent-asleep": node_faults.agent_asleep,
        "log-endpoint-missing": node_faults.log_endpoint_missing,
        "preferences-absent": preference_documents.preferences_absent,
        "preferences-strings-green": preference_documents.preferences_strings_green,
        "preferences-strings-red": preference_documents.preferences_strings_red,
        "preferences-yaml": preference_documents.preferences_yaml,
        "preferences-drift": preference_documents.preferences_drift,
        "timeout-out-of-range": preference_documents.timeout_out_of_range,
        "streaming-unsupported": preference_documents.streaming_unsupported,
        "custom-document-bypasses": preference_documents.custom_document_bypasses,
        "run-as-user-unset": preference_documents.run_as_user_unset,
        "run-as-by-preferences": preference_documents.run_as_by_preferences,
        "run-as-by-tag": preference_documents.run_as_by_tag,
        "agent-too-old": agent_faults.agent_too_old,
        "hybrid-tier-standard": agent_faults.hybrid_tier_standard,
        "activation-expired": agent_faults.activation_expired,
        "duplicate-registration": agent_faults.duplicate_registration,
        "caller-read-only": caller_faults.caller_read_only,
        "caller-denied": caller_faults.caller_denied,
        "caller-start-denied": caller_faults.caller_start_denied,
        "caller-needs-access-request": caller_faults.caller_needs_access_request,
        "caller-document-denied": caller_faults.caller_document_denied,
        "caller-open-channel-denied": caller_faults.caller_open_channel_denied,
        "caller-terminate-denied": caller_faults.caller_terminate_denied,
        "caller-resume-denied": caller_faults.caller_resume_denied,
        "kms-caller-denied": caller_faults.kms_caller_denied,
        "caller-by-tag": caller_faults.caller_by_tag,
        "caller-by-kind": caller_faults.caller_by_kind,
        "caller-no-simulate": caller_faults.caller_no_simulate,
    }
)


class UnknownWorldError(LookupError):
    """No world has that name."""


def names() -> tuple[str, ...]:
    """The names of all worlds, the demo first."""
    return tuple(WORLDS)


def world(name: str) -> Scenario:
    """The world of a name; UnknownWorldError where there is none."""
    try:
        factory = WORLDS[name]
    except KeyError:
        raise UnknownWorldError(name) from None
    return factory()

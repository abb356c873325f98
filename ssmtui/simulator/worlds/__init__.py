"""The worlds that can be simulated, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.worlds import (
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
        "log-endpoint-missing": node_faults.log_endpoint_missing,
        "preferences-absent": preference_documents.preferences_absent,
        "preferences-strings-green": preference_documents.preferences_strings_green,
        "preferences-strings-red": preference_documents.preferences_strings_red,
        "preferences-yaml": preference_documents.preferences_yaml,
        "caller-read-only": caller_faults.caller_read_only,
        "caller-denied": caller_faults.caller_denied,
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

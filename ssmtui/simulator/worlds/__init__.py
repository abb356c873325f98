"""The worlds that can be simulated, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.worlds import (
    agent_faults,
    bucket_faults,
    caller_faults,
    controls,
    endpoint_policy_faults,
    host_management,
    identity_faults,
    key_faults,
    log_group_faults,
    network_faults,
    node_faults,
    perimeter_faults,
    policy_faults,
    preference_documents,
    single_allowances,
    sound,
)
from ssmtui.simulator.worlds.demo import demo

WORLDS: Mapping[str, Callable[[], Scenario]] = MappingProxyType(
    {
        "demo": demo,
        "healthy-small": sound.healthy_small,
        "empty": sound.empty,
        "controls": controls.controls,
        "key-missing": key_faults.key_missing,
        "key-disabled": key_faults.key_disabled,
        "key-pending-deletion": key_faults.key_pending_deletion,
        "key-unusable": key_faults.key_unusable,
        "key-wrong-region": key_faults.key_wrong_region,
        "access-requests": key_faults.access_requests,
        "access-requests-tagged": key_faults.access_requests_tagged,
        "bucket-missing": bucket_faults.bucket_missing,
        "bucket-encryption-unreadable": bucket_faults.bucket_encryption_unreadable,
        "bucket-policy-denies": bucket_faults.bucket_policy_denies,
        "s3-logs-lost": bucket_faults.s3_logs_lost,
        "bucket-key-denied": bucket_faults.bucket_key_denied,
        "bucket-doubly-encrypted": bucket_faults.bucket_doubly_encrypted,
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
        "host-management-new": host_management.host_management_new,
        "domain-controller": node_faults.domain_controller,
        "root-volume-full": node_faults.root_volume_full,
        "root-volume-filled": node_faults.root_volume_filled,
        "instance-starting": node_faults.instance_starting,
        "profile-attached-late": node_faults.profile_attached_late,
        "instance-impaired": node_faults.instance_impaired,
        "agent-asleep": node_faults.agent_asleep,
        "agent-absent": node_faults.agent_absent,
        "run-out-of-watches": node_faults.run_out_of_watches,
        "sessions-left-open": node_faults.sessions_left_open,
        "control-channel-down": agent_faults.control_channel_down,
        "log-endpoint-missing": node_faults.log_endpoint_missing,
        "no-route-to-endpoint": network_faults.no_route_to_endpoint,
        "endpoint-missing": network_faults.endpoint_missing,
        "endpoint-security-group-closed": network_faults.endpoint_security_group_closed,
        "endpoint-private-dns-off": network_faults.endpoint_private_dns_off,
        "endpoint-policy-denies": endpoint_policy_faults.endpoint_policy_denies,
        "vpc-dns-off": network_faults.vpc_dns_off,
        "egress-blocked": network_faults.egress_blocked,
        "network-acl-blocks": network_faults.network_acl_blocks,
        "blackhole-route": network_faults.blackhole_route,
        "ipv6-only-subnet": network_faults.ipv6_only_subnet,
        "shared-vpc": network_faults.shared_vpc,
        "shared-vpc-healthy": network_faults.shared_vpc_healthy,
        "transit-gateway": network_faults.transit_gateway,
        "bucket-abroad": network_faults.bucket_abroad,
        "second-interface": network_faults.second_interface,
        "endpoint-in-another-zone": network_faults.endpoint_in_another_zone,
        "preferences-absent": preference_documents.preferences_absent,
        "preferences-strings-green": preference_documents.preferences_strings_green,
        "preferences-strings-red": preference_documents.preferences_strings_red,
        "preferences-yaml": preference_documents.preferences_yaml,
        "preferences-malformed": preference_documents.preferences_malformed,
        "preferences-drift": preference_documents.preferences_drift,
        "timeout-out-of-range": preference_documents.timeout_out_of_range,
        "streaming-unsupported": preference_documents.streaming_unsupported,
        "custom-document-bypasses": preference_documents.custom_document_bypasses,
        "documents-by-name": preference_documents.documents_by_name,
        "run-as-user-unset": preference_documents.run_as_user_unset,
        "run-as-by-preferences": preference_documents.run_as_by_preferences,
        "run-as-by-tag": preference_documents.run_as_by_tag,
        "agent-too-old": agent_faults.agent_too_old,
        "agent-needs-wmic": agent_faults.agent_needs_wmic,
        "agent-version-flawed": agent_faults.agent_version_flawed,
        "hybrid-tier-standard": agent_faults.hybrid_tier_standard,
        "activation-expired": agent_faults.activation_expired,
        "duplicate-registration": agent_faults.duplicate_registration,
        "instance-registered-elsewhere": agent_faults.instance_registered_elsewhere,
        "caller-read-only": caller_faults.caller_read_only,
        "caller-denied": caller_faults.caller_denied,
        "caller-denied-by-organization": caller_faults.caller_denied_by_organization,
        "caller-start-denied": caller_faults.caller_start_denied,
        "caller-needs-access-request": caller_faults.caller_needs_access_request,
        "caller-document-denied": caller_faults.caller_document_denied,
        "caller-open-channel-denied": caller_faults.caller_open_channel_denied,
        "caller-terminate-denied": caller_faults.caller_terminate_denied,
        "caller-resume-denied": caller_faults.caller_resume_denied,
        "kms-caller-denied": caller_faults.kms_caller_denied,
        "caller-desktop-denied": caller_faults.caller_desktop_denied,
        "wrong-principal": identity_faults.wrong_principal,
        "caller-by-tag": caller_faults.caller_by_tag,
        "caller-on-conditions": caller_faults.caller_on_conditions,
        "caller-by-kind": caller_faults.caller_by_kind,
        "caller-no-simulate": caller_faults.caller_no_simulate,
        "region-denied": policy_faults.region_denied,
        "role-denied-by-organization": policy_faults.role_denied_by_organization,
        "roles-denied-by-organization": policy_faults.roles_denied_by_organization,
        "role-bounded": policy_faults.role_bounded,
        "allowed-by-key-policy": policy_faults.allowed_by_key_policy,
        "allowed-on-conditions": policy_faults.allowed_on_conditions,
        "refused-on-conditions": policy_faults.refused_on_conditions,
        "policies-read": policy_faults.policies_read,
        "data-perimeter": perimeter_faults.data_perimeter,
        "region-lock": perimeter_faults.region_lock,
        "instance-denied": perimeter_faults.instance_denied,
        "registers-by-arn": perimeter_faults.registers_by_arn,
        "denied-twice": perimeter_faults.denied_twice,
        "allowed-by-bucket-policy": single_allowances.allowed_by_bucket_policy,
        "allowed-by-bucket-key": single_allowances.allowed_by_bucket_key,
        "caller-allowed-by-key-policy": single_allowances.caller_allowed_by_key_policy,
        "caller-allowed-by-grant": single_allowances.caller_allowed_by_grant,
        "served-in-spite-of-its-profile": single_allowances.served_in_spite_of_its_profile,
        "bucket-past-its-endpoint": single_allowances.bucket_past_its_endpoint,
        "one-way-each": single_allowances.one_way_each,
        "endpoint-admits-the-role": single_allowances.endpoint_admits_the_role,
        "caller-by-tag-of-hybrid-nodes": single_allowances.caller_by_tag_of_hybrid_nodes,
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

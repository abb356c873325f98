"""The operations that moto lacks, or answers otherwise than AWS does; one module an area of AWS."""

from __future__ import annotations

from ssmtui.simulator.operations import (
    cloudtrail_events,
    ec2_endpoints,
    ec2_instances,
    ec2_networks,
    iam_simulation,
    iam_toolbox,
    kms_keys,
    logs_encryption,
    organizations_accounts,
    organizations_membership,
    s3_encryption,
    ssm_access_requests,
    ssm_commands,
    ssm_documents,
    ssm_inventory,
    ssm_registration,
    ssm_session_start,
    ssm_sessions,
    ssm_settings,
    ssm_tags,
    sts_identity,
    sts_roles,
)
from ssmtui.simulator.operations.registry import Handler, handlers

_AREAS = (
    cloudtrail_events,
    ec2_endpoints,
    ec2_instances,
    ec2_networks,
    iam_simulation,
    iam_toolbox,
    kms_keys,
    logs_encryption,
    organizations_accounts,
    organizations_membership,
    s3_encryption,
    ssm_access_requests,
    ssm_commands,
    ssm_documents,
    ssm_inventory,
    ssm_registration,
    ssm_session_start,
    ssm_sessions,
    ssm_settings,
    ssm_tags,
    sts_identity,
    sts_roles,
)


def handler_of(service: str, name: str) -> Handler | None:
    """Our own handler of an operation, or None where moto's answer stands."""
    return handlers.get((service, name))


__all__ = ["handler_of"]

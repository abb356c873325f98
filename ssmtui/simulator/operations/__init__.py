"""The operations that moto lacks, or answers otherwise than AWS does; one module an area of AWS."""

from __future__ import annotations

from ssmtui.simulator.operations import (
    cloudtrail,
    ec2,
    iam,
    kms_logs_s3,
    organizations_sts,
    ssm_commands,
    ssm_documents,
    ssm_nodes,
    ssm_sessions,
    ssm_settings,
)
from ssmtui.simulator.operations.registry import Handler, handlers

_AREAS = (
    cloudtrail,
    ec2,
    ec2,
    ec2,
    iam,
    iam,
    kms_logs_s3,
    kms_logs_s3,
    organizations_sts,
    organizations_sts,
    kms_logs_s3,
    ssm_sessions,
    ssm_commands,
    ssm_documents,
    ssm_nodes,
    ssm_nodes,
    ssm_sessions,
    ssm_sessions,
    ssm_settings,
    ssm_settings,
    organizations_sts,
    organizations_sts,
)


def handler_of(service: str, name: str) -> Handler | None:
    """Our own handler of an operation, or None where moto's answer stands."""
    return handlers.get((service, name))


__all__ = ["handler_of"]

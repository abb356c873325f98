"""Whom a check is about: the subjects of findings, worked out from facts."""

from __future__ import annotations

from ssmtui.model.answers import Unreadable
from ssmtui.model.identity import HostManagement, InstanceProfile, NodeRole
from ssmtui.model.network import Placement
from ssmtui.model.node import Node
from ssmtui.model.preferences import SessionPreferences, is_reference, parameter_in
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind


def the_node(node: Node) -> Subject:
    """The node itself."""
    return Subject(SubjectKind.NODE, node.id)


def the_workstation() -> Subject:
    """The computer that sessions are opened from."""
    return Subject(SubjectKind.WORKSTATION, "workstation")


def the_caller(scope: Scope) -> Subject:
    """Whom the caller's link is about: the principal named instead, else the IAM principal behind who asks."""
    return Subject(SubjectKind.CALLER, scope.judged_arn)


def the_role(node_role: NodeRole) -> Subject:
    """The role that the node really uses."""
    return Subject(SubjectKind.ROLE, node_role.role.arn)


def the_profile(profile: InstanceProfile) -> Subject:
    """The instance profile that the node has."""
    return Subject(SubjectKind.INSTANCE_PROFILE, profile.arn)


def the_host_management_setting(host_management: HostManagement) -> Subject:
    """The service setting of default host management."""
    return Subject(SubjectKind.SERVICE_SETTING, host_management.setting_arn)


def the_subnet(placement: Placement) -> Subject:
    """The subnet that the node is in."""
    return Subject(SubjectKind.SUBNET, placement.subnet_id)


def the_document(scope: Scope) -> Subject:
    """The document that sessions go by, whether or not it is there: the Region's preferences, where none is named."""
    return Subject(SubjectKind.DOCUMENT, scope.session_document_arn)


def the_key(scope: Scope, preferences: SessionPreferences | Unreadable) -> Subject:
    """The session key as the preferences name it, as an ARN; the document, where it cannot be read."""
    if isinstance(preferences, Unreadable):
        return the_document(scope)
    named = preferences.kms_key
    if parameter_in(named) is not None:
        return the_document(scope)  # whoever starts a session names the key
    if named.startswith("arn:") or is_reference(named):
        return Subject(SubjectKind.KEY, named)
    resource = named if named.startswith("alias/") else f"key/{named}"
    return Subject(SubjectKind.KEY, scope.arn("kms", resource))


def the_bucket(scope: Scope, preferences: SessionPreferences | Unreadable) -> Subject:
    """The log bucket that the preferences name; the document, where it cannot be read."""
    if isinstance(preferences, Unreadable):
        return the_document(scope)
    if parameter_in(preferences.s3_bucket) is not None:
        return the_document(scope)
    return Subject(SubjectKind.BUCKET, f"arn:{scope.partition}:s3:::{preferences.s3_bucket}")


def the_log_group(scope: Scope, preferences: SessionPreferences | Unreadable) -> Subject:
    """The log group that the preferences name; the document, where it cannot be read."""
    if isinstance(preferences, Unreadable):
        return the_document(scope)
    if parameter_in(preferences.log_group) is not None:
        return the_document(scope)
    return Subject(SubjectKind.LOG_GROUP, scope.arn("logs", f"log-group:{preferences.log_group}"))

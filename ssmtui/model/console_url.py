"""URLs of AWS's web console for a subject, with every part quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node import NodeKind
from ssmtui.model.scope import Scope

_HOSTS: Mapping[str, str] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Botocore knows the endpoints of partitions, but not their consoles.

The partitions that are missing here have no public console.
"""


def console_url(scope: Scope, subject: Subject) -> str:
    """Return the URL of the console page of a subject in a scope; empty if there is none."""
    host = _HOSTS.get(scope.partition)
    path = _PATHS.get(subject.kind)
    if host is None or path is None:
        return ""
    found = path(quote(scope.region, safe=""), subject)
    return f"https://{quote(scope.region, safe='')}.{host}/{found}" if found else ""


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _node(region: str, subject: Subject) -> str:
    if NodeKind.of_id(subject.id) is NodeKind.HYBRID:
        return f"systems-manager/managed-instances/{_quoted(subject.id)}/description?region={region}"
    return f"ec2/home?region={region}#InstanceDetails:instanceId={_quoted(subject.id)}"


def _vpc(page: str, parameter: str) -> Callable[[str, Subject], str]:
    def path(region: str, subject: Subject) -> str:
        return f"vpcconsole/home?region={region}#{page}:{parameter}={_quoted(subject.id)}"

    return path


def _principal(region: str, subject: Subject) -> str:
    """Return the page of a role or a user by name (IAM's console pages have no paths); empty for other principals."""
    resource = subject.id.split(":", 5)[5] if subject.id.count(":") >= 5 else ""
    kind, _, rest = resource.partition("/")
    name = rest.partition("/")[0] if kind == "assumed-role" else rest.rpartition("/")[2]
    page = {"role": "roles", "assumed-role": "roles", "user": "users"}.get(kind)
    return f"iam/home?region={region}#/{page}/details/{_quoted(name)}" if page and name else ""


def _key(region: str, subject: Subject) -> str:
    if ":alias/" in subject.id:
        return ""  # it is unknown which key the alias points to
    return f"kms/home?region={region}#/kms/keys/{_quoted(subject.name)}"


def _bucket(region: str, subject: Subject) -> str:
    return f"s3/buckets/{_quoted(subject.name)}?region={region}"


def _log_group(region: str, subject: Subject) -> str:
    name = _quoted(_quoted(subject.name)).replace("%", "$")
    return f"cloudwatch/home?region={region}#logsV2:log-groups/log-group/{name}"


def _document(region: str, subject: Subject) -> str:
    return f"systems-manager/documents/{_quoted(subject.name)}/description?region={region}"


def _of_region(region: str, _subject: Subject) -> str:
    return f"systems-manager/fleet-manager/managed-nodes?region={region}"


_PATHS: Mapping[SubjectKind, Callable[[str, Subject], str]] = {
    SubjectKind.NODE: _node,
    SubjectKind.ROLE: _principal,
    SubjectKind.CALLER: _principal,
    SubjectKind.SECURITY_GROUP: _vpc("SecurityGroup", "groupId"),
    SubjectKind.SUBNET: _vpc("SubnetDetails", "subnetId"),
    SubjectKind.ENDPOINT: _vpc("EndpointDetails", "vpcEndpointId"),
    SubjectKind.ROUTE_TABLE: _vpc("RouteTableDetails", "RouteTableId"),
    SubjectKind.NETWORK_ACL: _vpc("NetworkAclDetails", "networkAclId"),
    SubjectKind.VPC: _vpc("VpcDetails", "VpcId"),
    SubjectKind.KEY: _key,
    SubjectKind.BUCKET: _bucket,
    SubjectKind.LOG_GROUP: _log_group,
    SubjectKind.DOCUMENT: _document,
    SubjectKind.SERVICE_SETTING: _of_region,
    SubjectKind.REGION: _of_region,
}
"""The workstation and instance profiles have no page in the console."""

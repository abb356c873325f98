"""An ARN with its account and names replaced: it stays an ARN, of the same service, Region and type of resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ssmtui.report.redaction.pseudonyms import Kind
from ssmtui.report.redaction.public_words import REGION, is_of_aws, is_public_host

Replace = Callable[[Kind, str], str]
"""What stands for a name of a kind."""

_KINDS: Mapping[str, Kind] = {
    "assumed-role": Kind.ROLE,
    "alias": Kind.KEY,
    "document": Kind.DOCUMENT,
    "federated-user": Kind.USER,
    "instance-profile": Kind.INSTANCE_PROFILE,
    "key": Kind.KEY,
    "role": Kind.ROLE,
    "user": Kind.USER,
}
_TYPES = frozenset(
    (
        *_KINDS,
        *("accesspoint", "activation", "association", "catalog", "cluster", "dhcp-options", "file-system", "function"),
        *("group", "image", "instance", "internet-gateway", "log-group", "managed-instance", "natgateway", "mfa"),
        *("managed-instance-inventory", "network-acl", "network-interface", "oidc-provider", "opsitem", "opsmetadata"),
        *("organization", "ou", "parameter", "patchbaseline", "policy", "prefix-list", "resource-data-sync", "root"),
        *("route-table", "saml-provider", "secret", "security-group", "server-certificate", "service", "session"),
        *("snapshot", "subnet", "table", "task", "transit-gateway", "volume", "vpc", "vpc-endpoint", "account"),
        *("vpc-endpoint-service", "vpc-peering-connection", "automation-execution", "automation-definition"),
    )
)
_SEGMENTS = re.compile(r"([/:])")
_STARS = re.compile(r"([*?]+)")
_RESERVED = "AWSReservedSSO_"
_ALL_PUBLIC = ("servicesetting/", "alias/aws/")


def replaced_arn(arn: str, replace: Replace) -> str:
    """The ARN, its account and the names in its resource replaced."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[4] == "aws":
        # AWS's own (arn:aws:iam::aws:policy/…), or what only begins like one.
        return arn if len(parts) == 6 else ":".join((*parts[:2], *(_public_or(each, replace) for each in parts[2:])))
    head, partition, service, region, account, resource = parts
    shown = ":".join((head, partition, _public_or(service, replace), _region(region, replace)))
    return f"{shown}:{_each_piece(account, Kind.ACCOUNT, replace)}:{_resource(service, resource, replace)}"


def _region(region: str, replace: Replace) -> str:
    return region if REGION.fullmatch(region) else _each_piece(region, Kind.NAME, replace)


def _public_or(word: str, replace: Replace) -> str:
    return word if re.fullmatch(r"[a-z0-9-]{1,20}|\*|", word) else replace(Kind.NAME, word)


def _resource(service: str, resource: str, replace: Replace) -> str:
    if resource.startswith(_ALL_PUBLIC):
        return resource
    if service == "logs" and resource.startswith("log-group:"):
        return _log_group(resource, replace)
    type_, *rest = _SEGMENTS.split(resource)
    if service == "s3" or type_ not in _TYPES:
        kind = Kind.BUCKET if service == "s3" else Kind.NAME
        return "".join((_segment(type_, kind, replace), *(_segment(each, Kind.NAME, replace) for each in rest)))
    shown, kind = [type_], _KINDS.get(type_, Kind.NAME)
    for number, segment in enumerate(rest):
        # assumed-role/ROLE/SESSION
        of = Kind.USER if type_ == "assumed-role" and number > 1 else kind
        shown.append(_segment(segment, of, replace))
    return "".join(shown)


def _log_group(resource: str, replace: Replace) -> str:
    type_, name, *rest = resource.split(":")
    words = [each if each in ("log-stream", "*", "") else _each_piece(each, Kind.NAME, replace) for each in rest]
    return ":".join((type_, _each_piece(name, Kind.LOG_GROUP, replace), *words))


def _segment(segment: str, kind: Kind, replace: Replace) -> str:
    if segment in ("", "/", ":", "root", "instance") or is_of_aws(segment) or is_public_host(segment):
        return segment
    if segment.startswith(_RESERVED):
        return _RESERVED + replace(kind, segment.removeprefix(_RESERVED))
    return _each_piece(segment, kind, replace)


def _each_piece(text: str, kind: Kind, replace: Replace) -> str:
    """A pattern's stars stay, and what is between them is replaced."""
    return "".join(each if not each or _STARS.fullmatch(each) else replace(kind, each) for each in _STARS.split(text))

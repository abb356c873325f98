"""Replace the placeholders of a resolution by known names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ssmtui.causes.catalogue import Cause
from ssmtui.model.finding import FleetFinding, Subject, SubjectKind

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.model.scope import Scope, ScopeName

Names = Mapping[str, str]
"""Known names by placeholder. Each is one plain word of a shell."""

NO_NAMES: Names = MappingProxyType({})

_DOMAIN = "REGION.amazonaws.com"
"""Some partitions have another domain."""

_OF_NODE = ("INSTANCE_ID", "NODE_ID")
_BY_NAME: Mapping[SubjectKind, str] = {
    SubjectKind.ROLE: "ROLE_NAME",
    SubjectKind.INSTANCE_PROFILE: "PROFILE_NAME",
    SubjectKind.DOCUMENT: "DOCUMENT_NAME",
    SubjectKind.LOG_GROUP: "LOG_GROUP_NAME",
}
_BY_ID: Mapping[SubjectKind, str] = {
    SubjectKind.SUBNET: "SUBNET_ID",
    SubjectKind.ROUTE_TABLE: "ROUTE_TABLE_ID",
    SubjectKind.ENDPOINT: "ENDPOINT_ID",
}
_BY_ARN: Mapping[SubjectKind, str] = {
    SubjectKind.KEY: "KEY_ARN",
    SubjectKind.BUCKET: "BUCKET_ARN",
    SubjectKind.LOG_GROUP: "LOG_GROUP_ARN",
}

_STAND_FOR = (
    *_OF_NODE,
    *_BY_NAME.values(),
    *_BY_ID.values(),
    *_BY_ARN.values(),
    "NODE_ARN",
    "DOCUMENT_ARN",
    "ACCOUNT_ID",
    "SESSION_ID",
    "REGION",
    "PROFILE",
    "PARTITION",
)
_WORDS = re.compile(rf"\b(?:{'|'.join(_STAND_FOR)})\b")

_ACTION = "ACTION"
"""The refused action of a text. It is no placeholder: it is added to the policy of its cause."""
_REFUSED = "not authorized to perform: "
_FIRST_ACTION = re.compile(r'("Action": \[\n)( *)(?=")')

_OF_TEXT: Mapping[str, str] = {
    "account": "ACCOUNT_ID",
    "action": _ACTION,
    "document": "DOCUMENT_NAME",
    "instance_id": "INSTANCE_ID",
    "log_group": "LOG_GROUP_NAME",
    "region": "REGION",
    "session_id": "SESSION_ID",
}
_NODE_ROLE = re.compile(r"\barn:aws[a-z-]*:sts::\d{12}:assumed-role/([^/]+)/m?i-[0-9a-f]{8,17}")
"""The credentials of a node: the session of its role has the node's ID as its name."""
_ARNS: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("NODE_ARN", r"arn:aws[a-z-]*:(?:ec2|ssm):[^:]+:\d{12}:(?:managed-)?instance/m?i-[0-9a-f]{8,17}"),
        ("DOCUMENT_ARN", r"arn:aws[a-z-]*:ssm:[^:]+:\d*:document/[^*]+"),
        ("KEY_ARN", r"arn:aws[a-z-]*:kms:[^:]+:\d{12}:key/[\w-]+"),
        ("BUCKET_ARN", r"arn:aws[a-z-]*:s3:::[^/*]+(?=/|$)"),
        ("LOG_GROUP_ARN", r"arn:aws[a-z-]*:logs:[^:]+:\d{12}:log-group:[^:*]+(?=:|$)"),
    )
)
_PLAIN_WORD = re.compile(r"[A-Za-z0-9/][A-Za-z0-9_./:@+=,-]*")


def names_of_requested(asked: Sequence[ScopeName]) -> Names:
    """Return the names that requested scopes share. The scopes need not be open."""
    return _shared([_of_asked(each) for each in asked])


def names_of_text(fields: Mapping[str, str]) -> Names:
    """Return the names that an error text tells, from the values in it (`extract_fields`)."""
    known = {name: fields[field] for field, name in _OF_TEXT.items() if field in fields}
    arn, caller = fields.get("arn", ""), fields.get("caller", "")
    known |= {name: found[0] for name, pattern in _ARNS if (found := pattern.match(arn))}
    if role := _NODE_ROLE.fullmatch(caller):
        known["ROLE_NAME"] = role[1]
    if "INSTANCE_ID" in known:
        known["NODE_ID"] = known["INSTANCE_ID"]
    if "LOG_GROUP_ARN" in known:
        known["LOG_GROUP_NAME"] = known["LOG_GROUP_ARN"].rpartition(":")[2]
    if arn or caller:
        known["PARTITION"] = (arn or caller).split(":")[1]
    if "bucket" in fields:
        known["BUCKET_ARN"] = f"arn:{known.get('PARTITION', 'PARTITION')}:s3:::{fields['bucket']}"
    if known.get("REGION", "").startswith("cn-"):
        known[_DOMAIN] = f"{known['REGION']}.amazonaws.com.cn"
    return {name: value for name, value in known.items() if _PLAIN_WORD.fullmatch(value)}


def names_of_finding(held: FleetFinding, nodes: Collection[NodeKey]) -> Names:
    """Return the names for a finding on these nodes; with a single node, also the node's."""
    return {**names_of_nodes(held.scope, nodes), **_plain(_of_subject(held.finding.subject))}


def names_of_findings(found: Iterable[FleetFinding], nodes: Collection[NodeKey]) -> Names:
    """Return the names that all findings on these nodes share."""
    return _shared([names_of_finding(held, held.nodes.intersection(nodes)) for held in found])


def names_of_nodes(scope: Scope, nodes: Collection[NodeKey]) -> Names:
    """Return the names for nodes of a scope, whatever is wrong with them."""
    known = {
        "PARTITION": scope.partition,
        "ACCOUNT_ID": scope.account,
        _DOMAIN: f"{scope.region}.{scope.dns_suffix}" if scope.dns_suffix else "",
    }
    if len(nodes) == 1:
        from ssmtui.model.iam_questions import node_arn  # noqa: PLC0415 - a text alone names no node

        id_ = next(iter(nodes)).id
        known |= {**dict.fromkeys(_OF_NODE, id_), "NODE_ARN": node_arn(scope, id_)}
    return {**_of_asked(scope.name), **_plain(known)}


def cause_with_names(cause: Cause, names: Names) -> Cause:
    """Return a cause with these names in its resolution, and with the refused action in its policy."""
    if not names:
        return cause
    resolution, action = with_names(cause.how_to_resolve, names), names.get(_ACTION, "")
    if action and action not in resolution and _is_about(cause, action):
        resolution = _FIRST_ACTION.sub(rf'\1\2"{action}",\n\2', resolution, count=1)
    return replace(cause, how_to_resolve=resolution)


def _is_about(cause: Cause, action: str) -> bool:
    """Return whether the refusal of this action names the cause."""
    return any(
        known.text.startswith(_REFUSED) and f"{_REFUSED}{action}".startswith(known.text) for known in cause.known_by
    )


def with_names(resolution: str, names: Names) -> str:
    """Return a resolution with these names. Placeholders without a name stay."""
    with_domains = resolution.replace(_DOMAIN, names.get(_DOMAIN, _DOMAIN))
    return _WORDS.sub(lambda found: names.get(found[0], found[0]), with_domains)


def _of_asked(asked: ScopeName) -> Names:
    return _plain({"REGION": asked.region, "PROFILE": asked.profile or ""})


def _shared(told: Sequence[Names]) -> Names:
    return dict(set(told[0].items()).intersection(*(each.items() for each in told[1:]))) if told else NO_NAMES


def _of_subject(subject: Subject) -> dict[str, str]:
    kind, known = subject.kind, dict[str, str]()
    if kind in _BY_NAME:
        known[_BY_NAME[kind]] = subject.name
    if kind in _BY_ID:
        known[_BY_ID[kind]] = subject.id
    # An alias also has an ARN, but a policy with an alias ARN allows nothing.
    if kind in _BY_ARN and subject.id.startswith("arn:") and ":alias/" not in subject.id:
        known[_BY_ARN[kind]] = subject.id.removesuffix(":*")
    return known


def _plain(known: Mapping[str, str]) -> Names:
    from ssmtui.model.plan import shell_word  # noqa: PLC0415 - a text alone has no names

    # Anything but a plain word could end a Markdown code span, or be several words for a shell.
    return {each: value for each, value in known.items() if shell_word(value, "")}

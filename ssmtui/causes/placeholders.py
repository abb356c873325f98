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
    "REGION",
    "PROFILE",
    "PARTITION",
)
_WORDS = re.compile(rf"\b(?:{'|'.join(_STAND_FOR)})\b")


def names_of_requested(asked: Sequence[ScopeName]) -> Names:
    """Return the names that requested scopes share. The scopes need not be open."""
    return _shared([_of_asked(each) for each in asked])


def names_of_finding(held: FleetFinding, nodes: Collection[NodeKey]) -> Names:
    """Return the names for a finding on these nodes; with a single node, also the node's."""
    return {**names_of_nodes(held.scope, nodes), **_plain(_of_subject(held.finding.subject))}


def names_of_findings(found: Iterable[FleetFinding], nodes: Collection[NodeKey]) -> Names:
    """Return the names that all findings on these nodes share."""
    return _shared([names_of_finding(held, held.nodes.intersection(nodes)) for held in found])


def names_of_nodes(scope: Scope, nodes: Collection[NodeKey]) -> Names:
    """Return the names for nodes of a scope, whatever is wrong with them."""
    known = {"PARTITION": scope.partition, _DOMAIN: f"{scope.region}.{scope.dns_suffix}" if scope.dns_suffix else ""}
    if len(nodes) == 1:
        from ssmtui.model.iam_questions import node_arn  # noqa: PLC0415 - a text alone names no node

        id_ = next(iter(nodes)).id
        known |= {**dict.fromkeys(_OF_NODE, id_), "NODE_ARN": node_arn(scope, id_)}
    return {**_of_asked(scope.name), **_plain(known)}


def cause_with_names(cause: Cause, names: Names) -> Cause:
    """Return a cause with these names in its resolution."""
    return replace(cause, how_to_resolve=with_names(cause.how_to_resolve, names)) if names else cause


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

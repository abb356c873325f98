"""Fill the placeholders of a resolution with the names that are known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from ssmtui.causes.catalogue import Cause
from ssmtui.model.finding import FleetFinding, Subject, SubjectKind
from ssmtui.model.iam_questions import node_arn
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import shell_word
from ssmtui.model.scope import Scope, ScopeName

Names = Mapping[str, str]
"""What is known, by the word that stands for it. Each is one plain word of a shell."""

NO_NAMES: Names = MappingProxyType({})

_DOMAIN = "REGION.amazonaws.com"
"""Its end is another one in some partitions."""

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
    """What is the same of scopes that need not be open."""
    return _shared([_of_asked(each) for each in asked])


def names_of_finding(held: FleetFinding, nodes: Collection[NodeKey]) -> Names:
    """What is known where something was found by somebody who looks at these nodes: the node, where it is one alone."""
    return {**names_of_nodes(held.scope, nodes), **_plain(_of_subject(held.finding.subject))}


def names_of_findings(found: Iterable[FleetFinding], nodes: Collection[NodeKey]) -> Names:
    """What is the same wherever it was found, on these nodes."""
    return _shared([names_of_finding(held, held.nodes.intersection(nodes)) for held in found])


def names_of_nodes(scope: Scope, nodes: Collection[NodeKey]) -> Names:
    """What is known where nodes of a scope are looked at, whatever may be wrong with them."""
    known = {"PARTITION": scope.partition, _DOMAIN: f"{scope.region}.{scope.dns_suffix}" if scope.dns_suffix else ""}
    if len(nodes) == 1:
        id_ = next(iter(nodes)).id
        known |= {**dict.fromkeys(_OF_NODE, id_), "NODE_ARN": node_arn(scope, id_)}
    return {**_of_asked(scope.name), **_plain(known)}


def cause_with_names(cause: Cause, names: Names) -> Cause:
    """A cause whose resolution says these names in the place of the words that stand for them."""
    return replace(cause, how_to_resolve=with_names(cause.how_to_resolve, names)) if names else cause


def with_names(resolution: str, names: Names) -> str:
    """A resolution that says these names; what is not known is left as the word that stands for it."""
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
    # An alias is named by an ARN, too, and a policy that names one allows nothing.
    if kind in _BY_ARN and subject.id.startswith("arn:") and ":alias/" not in subject.id:
        known[_BY_ARN[kind]] = subject.id.removesuffix(":*")
    return known


def _plain(known: Mapping[str, str]) -> Names:
    # What is no plain word could end a code span of Markdown, or be another word of a shell.
    return {each: value for each, value in known.items() if shell_word(value, "")}

"""Which questions about a node's role a simulation left open: those whose answers hang on keys of the request.

At first IAM is asked about a role as such: once, for all its nodes. What is asked again is `answers_for_node`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ssmtui.evidence.gathering.reading import derives
from ssmtui.evidence.readers.identity.roles import (
    HostManagementCorePermissions,
    HybridCorePermissions,
    KeysLackedOfNodeRole,
    ProfileCorePermissions,
    SimulatedBucket,
    SimulatedKey,
    SimulatedLogGroup,
)
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Permissions, Question
from ssmtui.model.request_origin import OF_A_NODE

_UNKNOWN = Absent | Moot | Unreadable


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """The questions about a node's role that hang on keys of the request, and which keys its own policies lacked.

    `governed` are those that service control policies have a say in, which hang on keys that IAM does not name.
    """

    questions: tuple[Question, ...]
    keys: tuple[str, ...]
    governed: tuple[Question, ...] = ()

    @property
    def of_single_nodes(self) -> bool:
        """Whether the role's own policies ask for what is another value of each node."""
        return any(key.lower() in OF_A_NODE for key in self.keys)


class OpenOnCore(OpenQuestions):
    """Those about registering and the channels."""

    __slots__ = ()


class OpenOnKey(OpenQuestions):
    """Those about the session key."""

    __slots__ = ()


class OpenOnBucket(OpenQuestions):
    """Those about the log bucket."""

    __slots__ = ()


class OpenOnLogGroup(OpenQuestions):
    """Those about the log group."""

    __slots__ = ()


Kind = TypeVar("Kind", bound=OpenQuestions)


def _open(kind: type[Kind], told: Permissions) -> Kind | Moot:
    """Whatever hangs on a key; under service control policies also what is allowed, or a resource may allow."""
    governed = [answer for answer in told.answers if answer.governed and not _is_denied_explicitly(answer)]
    silent = [answer for answer in governed if not answer.allowed]
    hanging = [answer for answer in told.answers if _hangs(answer) or answer in silent]
    if not hanging and not governed:
        return Moot(say("nothing that IAM says of the role hangs on the request"))
    keys = {key for answer in hanging for key in _lacked(answer)}
    return kind(_questions(hanging), tuple(sorted(keys)), _questions(governed))


def _questions(answers: Iterable[EvaluationResult]) -> tuple[Question, ...]:
    return tuple(dict.fromkeys(each.question for each in answers))


def _is_denied_explicitly(answer: EvaluationResult) -> bool:
    return not answer.undecided and answer.decision is Decision.EXPLICIT_DENY


def _lacked(answer: EvaluationResult) -> Iterator[str]:
    """Yield the keys that IAM lacked, also those on which only a further denial hangs.

    Service control policies are left out: IAM does not tell their keys.
    """
    if not answer.only_by_organization:
        yield from answer.missing_context
    for each in answer.denials:
        if each.denier is not Denier.ORGANIZATION:
            yield from each.hangs_on


def _hangs(answer: EvaluationResult) -> bool:
    return bool(answer.missing_context) or any(each.hangs_on for each in answer.denials)


@derives
def open_on_core(
    node_role: NodeRole,
    profile: ProfileCorePermissions | _UNKNOWN,
    hybrid: HybridCorePermissions | _UNKNOWN,
    shared: HostManagementCorePermissions | _UNKNOWN,
) -> OpenOnCore | Absent | Moot | Unreadable:
    """Of the role that the node really uses."""
    used = {
        RoleSource.INSTANCE_PROFILE: profile,
        RoleSource.HYBRID_ACTIVATION: hybrid,
        RoleSource.HOST_MANAGEMENT: shared,
    }[node_role.source]
    return _open(OpenOnCore, used) if isinstance(used, Permissions) else used


@derives
def keys_lacked_of_node_role(asked: OpenOnCore) -> KeysLackedOfNodeRole | Moot:
    """IAM names them whatever is asked: so that registering and the channels tell all there are."""
    if not asked.keys:
        return Moot(say("IAM lacked no condition key"))
    return KeysLackedOfNodeRole(asked.keys)


@derives
def open_on_key(told: SimulatedKey) -> OpenOnKey | Moot:
    """Of what IAM says of the key."""
    return _open(OpenOnKey, told)


@derives
def open_on_bucket(told: SimulatedBucket) -> OpenOnBucket | Moot:
    """Of what IAM says of the bucket."""
    return _open(OpenOnBucket, told)


@derives
def open_on_log_group(told: SimulatedLogGroup) -> OpenOnLogGroup | Moot:
    """Of what IAM says of the log group."""
    return _open(OpenOnLogGroup, told)

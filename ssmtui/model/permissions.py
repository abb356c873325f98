"""Questions to IAM and its answers: what a principal can do to a resource."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from operator import attrgetter

from ssmtui.iam_policy.truth import Truth, truth_from_bool
from ssmtui.language import translatable
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.identity_enum import IdentityEnum

SIMULATION = "iam:SimulatePrincipalPolicy"


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one principal. `context` has condition keys with their values."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


class Decision(IdentityEnum):
    """EvalDecision of iam:SimulatePrincipalPolicy."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Denier(Enum):
    """The source of a denial."""

    IDENTITY = translatable("the identity-based policies")
    BOUNDARY = translatable("the permissions boundary")
    ORGANIZATION = translatable("a service control policy")


@dataclass(frozen=True, slots=True)
class DenyingPolicy:
    """A kind of policy that denies, explicitly or by not allowing.

    `hangs_on` are condition keys that the simulated request did not have; a real request with these keys may be
    allowed.
    """

    denier: Denier
    explicit: bool
    hangs_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """IAM's answer to a question. `missing_context` are the condition keys that the answer depends on.

    `denier` is the strongest source of a denial: an explicit denial, else a denial that the principal's own policies
    cannot override. `also` are other policies that deny it, or may deny it.

    `undecided`: `decision` holds only if the request does not have those keys, and proves nothing. `may_be_barred`: an
    explicit denial or the boundary may deny the request even if a resource policy allows it; an allowed request can
    have this because the principal's own policies depend on a missing key.

    A denial only by service control policies is `LIKELY`: AWS does not return their condition keys
    (docs/facts/permissions.md §4). Answers from ssmtui's own evaluation are also `LIKELY`: if the simulation is
    refused, `source` names the reads of the evaluated policies. So are answers with `on_way`: keys whose values come
    from the account's network, which does not show proxies and other networks.

    `bounded`: whether the principal has a permissions boundary. `unread` are failed reads of keys that the answer
    depends on. `governed`: service control policies apply; they can deny for a key that IAM was not given, which
    nothing shows. `lacked` are keys that IAM was not given for the account's own policies, which allow a request that
    the organization denies.
    """

    question: Question
    decision: Decision
    denier: Denier | None = None
    missing_context: tuple[str, ...] = ()
    source: str = SIMULATION
    undecided: bool = False
    may_be_barred: bool = False
    bounded: Truth = Truth.PERHAPS
    also: tuple[DenyingPolicy, ...] = ()
    on_way: tuple[str, ...] = ()
    unread: tuple[Unreadable, ...] = ()
    governed: bool = False
    lacked: tuple[str, ...] = ()

    def says_the_same(self, other: EvaluationResult) -> bool:
        """Return whether two answers differ only in the question."""
        return bool(_ANSWER(self) == _ANSWER(other))

    @property
    def denials(self) -> tuple[DenyingPolicy, ...]:
        """Return all denials, the principal's own policies first."""
        if self.denier is None:
            return self.also
        hangs_on = self.missing_context if self.undecided else ()
        own = DenyingPolicy(self.denier, self.decision is Decision.EXPLICIT_DENY, hangs_on)
        return tuple(sorted((own, *self.also), key=lambda each: list(Denier).index(each.denier)))

    @property
    def permits(self) -> Truth:
        """Return whether the request is allowed, as far as that is known."""
        return Truth.PERHAPS if self.undecided else truth_from_bool(self.allowed)

    @property
    def allowed(self) -> bool:
        """Return whether IAM allows the request."""
        return self.decision is Decision.ALLOWED

    @property
    def open_keys(self) -> tuple[str, ...]:
        """Return the condition keys on which the answer or any of its denials depends."""
        return tuple(dict.fromkeys((*self.missing_context, *(key for each in self.denials for key in each.hangs_on))))

    @property
    def only_by_organization(self) -> bool:
        """Return whether only service control policies deny the request, and nothing in the account."""
        return self.denier is Denier.ORGANIZATION and not self.also

    @property
    def is_barred_by_organization(self) -> bool:
        """Return whether service control policies deny the request, possibly together with others."""
        return any(each.denier is Denier.ORGANIZATION for each in self.denials)

    @property
    def is_denied_explicitly(self) -> bool:
        """Return whether the request is denied explicitly, whatever its unknown condition keys are."""
        return self.decision is Decision.EXPLICIT_DENY and not self.undecided

    @property
    def is_final(self) -> bool:
        """Return whether the answer is a denial that the principal's own policies cannot override."""
        if self.undecided:
            return False
        if self.decision is Decision.EXPLICIT_DENY:
            return True
        return not self.allowed and self.denier in (Denier.BOUNDARY, Denier.ORGANIZATION)

    def in_doubt_if_barred(self) -> EvaluationResult:
        """Mark the answer as undecided if the real request has the missing keys and they can cause a denial.

        An allowed request may be denied explicitly because of these keys. A request that no policy allows may be
        allowed by a resource policy, but not against an explicit denial.
        """
        if self.decision is Decision.EXPLICIT_DENY or not self.missing_context:
            return self
        if self.allowed and not self.may_be_barred:
            return self
        return replace(self, undecided=True, may_be_barred=True)

    def perhaps_barred_by_organization(self, *reads: Unreadable) -> EvaluationResult:
        """Return the answer if these failed reads would show whether service control policies deny the request.

        A request that is allowed otherwise is undecided. A denial that another policy can override may be final.
        """
        if self.is_denied_explicitly:
            return self
        unread = tuple(dict.fromkeys((*self.unread, *reads)))
        if not self.allowed:
            return replace(self, may_be_barred=True, unread=unread)
        return replace(
            self,
            decision=Decision.EXPLICIT_DENY,
            denier=Denier.ORGANIZATION,
            undecided=True,
            may_be_barred=True,
            unread=unread,
        )

    @property
    def confidence(self) -> Confidence:
        """Return how certain the answer is."""
        if self.only_by_organization or self.missing_context or self.on_way or self.source != SIMULATION:
            return Confidence.LIKELY
        return Confidence.PROVED


_ANSWER = attrgetter(*(each.name for each in fields(EvaluationResult) if each.name != "question"))


def answer_of(
    question: Question, denials: Sequence[DenyingPolicy], missing: tuple[str, ...] = (), bounded: Truth = Truth.PERHAPS
) -> EvaluationResult:
    """Return IAM's answer from all denials: the certain denials, else all possible ones; allowed if there are none.

    `missing` are the condition keys without values in a request that is allowed without them.
    """
    sure = tuple(each for each in denials if not each.hangs_on)
    counted = sure or tuple(denials)
    if not counted:
        return EvaluationResult(question, Decision.ALLOWED, missing_context=missing, bounded=bounded)
    # An explicit denial outranks an implicit one; among equals, the one that the principal's own policies cannot
    # override.
    first = max(counted, key=lambda each: (each.explicit, list(Denier).index(each.denier)))
    decision = Decision.EXPLICIT_DENY if first.explicit else Decision.IMPLICIT_DENY
    keys = {key for each in counted for key in each.hangs_on}
    return EvaluationResult(
        question,
        decision,
        first.denier,
        tuple(sorted(keys)),
        undecided=not sure,
        may_be_barred=any(each.hangs_on and (each.explicit or each.denier is not Denier.IDENTITY) for each in denials),
        bounded=bounded,
        also=tuple(each for each in denials if each is not first),
    )


def best_of(answers: Sequence[EvaluationResult]) -> EvaluationResult:
    """Return the best answer for a principal with several names, one of which is right: allowed, else undecided."""
    return next((each for each in answers if each.allowed), None) or next(
        (each for each in answers if each.undecided), answers[-1]
    )


@dataclass(frozen=True, slots=True)
class Permissions:
    """The answers to the questions about one principal."""

    principal: str
    answers: tuple[EvaluationResult, ...]

    def answer_to(self, action: str) -> EvaluationResult:
        """Return the answer about an action.

        Raises:
            LookupError: the action was not asked about.

        """
        found = next((answer for answer in self.answers if answer.question.action == action), None)
        if found is None:
            raise LookupError(f"{action} was not asked about")
        return found

    def denied(self, *actions: str) -> tuple[EvaluationResult, ...]:
        """Return the denials in the order of the questions; if actions are given, only their denials."""
        return tuple(
            answer
            for answer in self.answers
            if answer.permits is Truth.NO and (not actions or answer.question.action in actions)
        )

    def undecided(self, *actions: str) -> tuple[EvaluationResult, ...]:
        """Return the answers that depend on unknown condition keys; if actions are given, only their answers."""
        return tuple(
            answer
            for answer in self.answers
            if answer.permits is Truth.PERHAPS and (not actions or answer.question.action in actions)
        )


class CorePermissions(Permissions):
    """What a node's role can do with ssm and ssmmessages, on `*`."""

    __slots__ = ()


class HostManagementPermissions(Permissions):
    """The same for the role in the setting of default host management."""

    __slots__ = ()


class KeyPermissions(Permissions):
    """What a node's role can do with the session key, by its identity policies alone."""

    __slots__ = ()


class BucketPermissions(Permissions):
    """What a node's role can do with the log bucket (and the bucket's key), by its identity policies alone."""

    __slots__ = ()


class LogGroupPermissions(Permissions):
    """What a node's role can do with the log group."""

    __slots__ = ()


class CallerKeyPermissions(Permissions):
    """What the caller can do with the session key, by its identity policies alone."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DataKeyDryRun:
    """AWS KMS's answer to a dry run of kms:GenerateDataKey for a session to a node.

    `refusal` is the message of KMS if it does not allow the request, else empty. No key is generated.
    """

    key_arn: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class CallerAtNode:
    """Whether the caller can start a session to a node, or request access to it.

    `document_checked`: the caller's policies require that the document is allowed, too.
    """

    start: EvaluationResult
    request: EvaluationResult
    document_checked: bool


@dataclass(frozen=True, slots=True)
class CallerInSessions:
    """What the caller can do with its own sessions (one answer per action), and with the preferences document."""

    own: tuple[EvaluationResult, ...]
    document: EvaluationResult


class CallerDesktopPermissions(Permissions):
    """What the caller can do with remote desktops in Fleet Manager, including the channel of a desktop."""

    __slots__ = ()


class CallerPreferencesPermissions(Permissions):
    """What the caller can do with the preferences document."""

    __slots__ = ()

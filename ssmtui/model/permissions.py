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

SIMULATION = "iam:SimulatePrincipalPolicy"


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one principal. `context` holds condition keys with their values."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


class Decision(Enum):
    """EvalDecision of iam:SimulatePrincipalPolicy."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Denier(Enum):
    """What a denial comes from."""

    IDENTITY = translatable("the identity's own policies")
    BOUNDARY = translatable("the permissions boundary")
    ORGANIZATION = translatable("a service control policy")


@dataclass(frozen=True, slots=True)
class DenyingPolicy:
    """One kind of policy that denies: explicitly, or by allowing nothing.

    `hangs_on` are condition keys that a real request may have and this one had not, by which it may be spared.
    """

    denier: Denier
    explicit: bool
    hangs_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """IAM's answer to one question. `missing_context` are condition keys that the answer would depend on.

    Of a denial, `denier` is what stands in the way the most: what denies explicitly, else what a policy of the
    principal's own does not overrule. `also` are the others that deny it, or may.

    Where it is `undecided`, `decision` is what follows if those keys are missing from the request, and proves nothing;
    where it `may_be_barred`, an explicit denial or the boundary may stand in the way, whatever a resource's policy
    allows: of what is allowed, for a missing key of the principal's own policies. A denial by service control policies
    alone is `LIKELY`: which keys they name is not told (docs/facts/permissions.md §4). So is every answer of our own:
    where simulating is refused, `source` names the reads whose policies were evaluated; and so is one that rests
    `on_way`, on keys whose values are read off the account's network: proxies and other networks are not seen there.
    `bounded` is whether a permissions boundary is set on who was asked about. `unread` are the reads that would have
    told keys it hangs on, and gave nothing. Where it is `governed`, service control policies have a say: one may deny
    for a key that IAM was not told, which nothing shows.
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

    def says_the_same(self, other: EvaluationResult) -> bool:
        """Whether another answer differs in nothing but the question."""
        return bool(_ANSWER(self) == _ANSWER(other))

    @property
    def denials(self) -> tuple[DenyingPolicy, ...]:
        """Everything that denies it, the principal's own policies first."""
        if self.denier is None:
            return self.also
        hangs_on = self.missing_context if self.undecided else ()
        own = DenyingPolicy(self.denier, self.decision is Decision.EXPLICIT_DENY, hangs_on)
        return tuple(sorted((own, *self.also), key=lambda each: list(Denier).index(each.denier)))

    @property
    def permits(self) -> Truth:
        """Whether it is allowed, as far as that can be told."""
        return Truth.PERHAPS if self.undecided else truth_from_bool(self.allowed)

    @property
    def allowed(self) -> bool:
        """Whether IAM allows it."""
        return self.decision is Decision.ALLOWED

    @property
    def open_keys(self) -> tuple[str, ...]:
        """Return the condition keys on which the answer or any of its denials depends."""
        return tuple(dict.fromkeys((*self.missing_context, *(key for each in self.denials for key in each.hangs_on))))

    @property
    def only_by_organization(self) -> bool:
        """Whether it is service control policies, and nothing in the account, that deny it."""
        return self.denier is Denier.ORGANIZATION and not self.also

    @property
    def is_barred_by_organization(self) -> bool:
        """Whether service control policies deny it, whoever else does."""
        return any(each.denier is Denier.ORGANIZATION for each in self.denials)

    @property
    def is_final(self) -> bool:
        """Whether it is a denial that no policy of the principal's own could overrule."""
        if self.undecided:
            return False
        if self.decision is Decision.EXPLICIT_DENY:
            return True
        return not self.allowed and self.denier in (Denier.BOUNDARY, Denier.ORGANIZATION)

    def in_doubt_if_barred(self) -> EvaluationResult:
        """The answer, in doubt where it is allowed to a request without the keys that were missing.

        The real request has them, and may be denied for one explicitly. So may what is denied for want of something
        that allows: a resource's policy may allow it, but not against a denial.
        """
        if self.decision is Decision.EXPLICIT_DENY or not self.missing_context:
            return self
        if self.allowed and not self.may_be_barred:
            return self
        return replace(self, undecided=True, may_be_barred=True)

    @property
    def confidence(self) -> Confidence:
        """How sure the answer is."""
        if self.only_by_organization or self.missing_context or self.on_way or self.source != SIMULATION:
            return Confidence.LIKELY
        return Confidence.PROVED


_ANSWER = attrgetter(*(each.name for each in fields(EvaluationResult) if each.name != "question"))


def answer_of(
    question: Question, denials: Sequence[DenyingPolicy], missing: tuple[str, ...] = (), bounded: Truth = Truth.PERHAPS
) -> EvaluationResult:
    """IAM's answer from everything that denies: what does so for sure, else all that may; allowed, where nothing does.

    `missing` are condition keys that nobody gave, of a request that is allowed without them.
    """
    sure = tuple(each for each in denials if not each.hangs_on)
    counted = sure or tuple(denials)
    if not counted:
        return EvaluationResult(question, Decision.ALLOWED, missing_context=missing, bounded=bounded)
    # What denies explicitly outranks what is silent; of those alike, what the principal's own policies do not overrule.
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
    """The best for whoever asks under several names, one of which is the right one: allowed, else undecided."""
    return next((each for each in answers if each.allowed), None) or next(
        (each for each in answers if each.undecided), answers[-1]
    )


@dataclass(frozen=True, slots=True)
class Permissions:
    """The answers to the questions that were asked about one principal."""

    principal: str
    answers: tuple[EvaluationResult, ...]

    def answer_to(self, action: str) -> EvaluationResult:
        """The answer about one action that was asked about.

        Raises:
            LookupError: it was not asked about.

        """
        found = next((answer for answer in self.answers if answer.question.action == action), None)
        if found is None:
            raise LookupError(f"{action} was not asked about")
        return found

    def denied(self, *actions: str) -> tuple[EvaluationResult, ...]:
        """The denials among the answers, in the order asked; only those of the actions named, where any is."""
        return tuple(
            answer
            for answer in self.answers
            if answer.permits is Truth.NO and (not actions or answer.question.action in actions)
        )

    def undecided(self, *actions: str) -> tuple[EvaluationResult, ...]:
        """The answers that hang on conditions whose keys nobody knows, of the actions named, where any is."""
        return tuple(
            answer
            for answer in self.answers
            if answer.permits is Truth.PERHAPS and (not actions or answer.question.action in actions)
        )


class CorePermissions(Permissions):
    """What a node's role may do towards ssm and ssmmessages, on `*`."""

    __slots__ = ()


class HostManagementPermissions(Permissions):
    """The same of the role that the host-management setting names."""

    __slots__ = ()


class KeyPermissions(Permissions):
    """What a node's role may do with the session key, by its identity policies alone."""

    __slots__ = ()


class BucketPermissions(Permissions):
    """What a node's role may do with the log bucket (and the bucket's key), by its identity policies alone."""

    __slots__ = ()


class LogGroupPermissions(Permissions):
    """What a node's role may do with the log group."""

    __slots__ = ()


class CallerKeyPermissions(Permissions):
    """What the caller may do with the session key, by its identity policies alone."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CallerAtNode:
    """Whether the caller may start a session to a node, or ask for access to it.

    `document_checked` says that the caller's policies ask for the document to be allowed besides.
    """

    start: EvaluationResult
    request: EvaluationResult
    document_checked: bool


@dataclass(frozen=True, slots=True)
class CallerInSessions:
    """What the caller may do with sessions of its own, an answer an action, and with the preferences document."""

    own: tuple[EvaluationResult, ...]
    document: EvaluationResult


class CallerDesktopPermissions(Permissions):
    """What the caller may do towards remote desktops in Fleet Manager, and whether it may open their channel."""

    __slots__ = ()


class CallerPreferencesPermissions(Permissions):
    """What the caller may do with the preferences document."""

    __slots__ = ()

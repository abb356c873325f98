"""What the policy of a VPC endpoint says to the calls that a node's role makes through it.

It comes on top of the role's own policies and of the resource's: IAM's simulation knows nothing of it.
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.checks.denials import in_words, least_sure
from ssmtui.checks.doubt import unknown, unread
from ssmtui.checks.network.proved_conditions import NOTHING, Proved, knowing, proved_by
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.identity import Role
from ssmtui.model.network import Endpoint, EndpointType, Placement
from ssmtui.model.permissions import Question
from ssmtui.model.policy import Effect, Policy, Statement
from ssmtui.model.policy_reading import AuthorizationRequest, Truth, open_keys, read_policies
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

CAUSE = "endpoint-policy-denies"
RESOURCE_ACCOUNT = "aws:ResourceAccount"
"""The condition key for whose the resource of a call is."""

_SOURCE = "ec2:DescribeVpcEndpoints"

_OPEN_CONTROL_CHANNEL = "ssmmessages:OpenControlChannel"
_ANYBODY = ("*",)
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A role as its calls from one place arrive at an endpoint, with what such calls have proved already."""

    role: Role
    placement: Placement
    scope: Scope
    proved: Proved = NOTHING


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A call that an endpoint's policy does not let through, or may not; how much that matters, and how sure it is.

    `needs` are the IAM actions that would settle it, where any would.
    """

    action: str
    permits: Truth
    evidence: Evidence
    status: Status
    confidence: Confidence
    needs: tuple[str, ...] = ()


def permits(visitor: Visitor, endpoint: Endpoint, question: Question) -> Truth:
    """Whether the endpoint's policy lets a call through.

    A gateway endpoint's policy has to name everybody as its principal; what it does with other names is told of an
    account only (it means its root user), so a word that hangs on one is left open.
    """
    said = _said(visitor, endpoint, question, _names(visitor, endpoint))
    if endpoint.type is not EndpointType.GATEWAY or said is _said(visitor, endpoint, question, _ANYBODY):
        return said
    return Truth.PERHAPS


def hindrance(
    visitor: Visitor,
    endpoint: Endpoint,
    question: Question,
    status: Status,
    confidence: Confidence,
    needs: tuple[str, ...] = (),
) -> Hindrance | None:
    """What the endpoint's policy has against a call; None where it lets it through."""
    let_through = permits(visitor, endpoint, question)
    if let_through is Truth.YES:
        return None
    evidence = Evidence(_in_words(visitor, endpoint, question, let_through), _SOURCE)
    return Hindrance(question.action, let_through, evidence, status, confidence, needs)


def perhaps_past(hindrances: Sequence[Hindrance], untold: Unreadable) -> list[Hindrance]:
    """Hindrances that may not be met: the calls may go past the endpoint, which what was not read would tell."""
    needs = (untold.action,) if untold.action else ()
    open_ = [replace(each, permits=Truth.PERHAPS, needs=(*each.needs, *needs)) for each in hindrances]
    return [*open_, *(replace(each, evidence=Evidence(untold.why, untold.source)) for each in open_[:1])]


def finding_at(endpoint: Endpoint, role: Role, hindrances: Sequence[Hindrance]) -> Findings:
    """One finding for one endpoint; it is as bad as the worst of what it hinders."""
    if not hindrances:
        return ()
    status = next(each for each in _WORST_FIRST if any(_status(one) is each for one in hindrances))
    decisive = [each for each in hindrances if _status(each) is status]
    actions = in_words(list(dict.fromkeys(each.action for each in decisive)))
    evidence = tuple(dict.fromkeys(each.evidence for each in hindrances))
    subject = Subject(SubjectKind.ENDPOINT, endpoint.id)
    if status is Status.UNKNOWN:
        summary = say(
            "Whether the policy of the VPC endpoint {endpoint} lets {role} do {actions} could not be told.",
            endpoint=endpoint.id,
            role=role.name,
            actions=actions,
        )
        needs = tuple(dict.fromkeys(need for each in decisive for need in each.needs))
        return (unknown(CAUSE, subject, summary, evidence, needs),)
    return (
        Finding(
            cause=CAUSE,
            status=status,
            confidence=least_sure(each.confidence for each in decisive),
            subject=subject,
            summary=say(
                "The policy of the VPC endpoint {endpoint} does not let {role} do {actions}.",
                endpoint=endpoint.id,
                role=role.name,
                actions=actions,
            ),
            evidence=evidence,
            fixes=("steps-network",),
        ),
    )


def _status(each: Hindrance) -> Status:
    return Status.UNKNOWN if each.permits is Truth.PERHAPS else each.status


def _names(visitor: Visitor, endpoint: Endpoint) -> tuple[str, ...]:
    role, account = visitor.role, visitor.role.account
    if endpoint.type is EndpointType.GATEWAY:
        return (role.arn,)
    return (role.arn, f"arn:{visitor.scope.partition}:iam::{account}:root", account)


def left_open(unreadable: Unreadable, endpoints: Sequence[Endpoint | None]) -> Findings:
    """What can be said where it is not known who asks, or what for: an endpoint may let everything through anyway."""
    return tuple(
        unread(
            CAUSE,
            Subject(SubjectKind.ENDPOINT, each.id),
            say(
                "Whether the policy of the VPC endpoint {endpoint} lets the node's role through could not be told.",
                endpoint=each.id,
            ),
            unreadable,
        )
        for each in dict.fromkeys(endpoints)
        if each is not None and not _lets_everything_through(each.policy)
    )


def _lets_everything_through(policy: Policy) -> bool:
    def is_for_all(statement: Statement) -> bool:
        everything = (statement.principals, statement.actions, statement.resources) == (_ANYBODY,) * 3
        return statement.effect is Effect.ALLOW and everything and not statement.conditions

    return bool(policy.statements) and all(is_for_all(each) for each in policy.statements)


def at_messages(visitor: Visitor, endpoint: Endpoint | None, observation: Observation) -> Visitor:
    """The visitor, with what its control channel proves, once that is open through the endpoint for ssmmessages."""
    if endpoint is None or not observation.connected:
        return visitor
    question = Question(_OPEN_CONTROL_CHANNEL, "*", ((RESOURCE_ACCOUNT, visitor.role.account),))
    request = _request(visitor, endpoint, question, _names(visitor, endpoint))
    return replace(visitor, proved=proved_by(endpoint.policy, request))


def _policy(visitor: Visitor, endpoint: Endpoint, question: Question) -> Policy:
    """The endpoint's policy in the light of what is proved."""
    own = dict(question.context).get(RESOURCE_ACCOUNT) == visitor.role.account
    return knowing(endpoint.policy, visitor.proved if own else visitor.proved.of_the_role)


def _said(visitor: Visitor, endpoint: Endpoint, question: Question, names: tuple[str, ...]) -> Truth:
    return read_policies((_policy(visitor, endpoint, question),), _request(visitor, endpoint, question, names)).permits


def _in_words(visitor: Visitor, endpoint: Endpoint, question: Question, let_through: Truth) -> str:
    request = _request(visitor, endpoint, question, _names(visitor, endpoint))
    where = "" if question.resource == "*" else say(" on {resource}", resource=question.resource)
    if let_through is Truth.PERHAPS:
        keys = open_keys((_policy(visitor, endpoint, question),), request)
        if not keys:
            return say(
                "whether the policy of {endpoint} allows {action}{where} cannot be told from what is known",
                endpoint=endpoint.id,
                action=question.action,
                where=where,
            )
        return say(
            "the policy of {endpoint} makes {action}{where} depend on {keys}, which is not known",
            endpoint=endpoint.id,
            action=question.action,
            where=where,
            keys=in_words(keys),
        )
    number = _denying(endpoint.policy, request)
    if number is None:
        return say(
            "no statement of the policy of {endpoint} allows {action}{where}",
            endpoint=endpoint.id,
            action=question.action,
            where=where,
        )
    return say(
        "statement {number} of the policy of {endpoint} denies {action}{where}",
        number=number,
        endpoint=endpoint.id,
        action=question.action,
        where=where,
    )


def _denying(policy: Policy, request: AuthorizationRequest) -> int | None:
    """Which of the statements, counted from 1, denies a request explicitly."""
    for number, statement in enumerate(policy.statements, 1):
        alone = Policy((statement,), has_variables=policy.has_variables)
        if statement.effect is Effect.DENY and read_policies((alone,), request).denies is Truth.YES:
            return number
    return None


def _request(visitor: Visitor, endpoint: Endpoint, question: Question, names: tuple[str, ...]) -> AuthorizationRequest:
    accounts = (f"arn:{visitor.scope.partition}:iam::{visitor.role.account}:root", visitor.role.account)
    return AuthorizationRequest(
        question.action, question.resource, names, _context(visitor, endpoint, question), accounts
    )


def _context(visitor: Visitor, endpoint: Endpoint, question: Question) -> Mapping[str, tuple[str, ...]]:
    """What is known of a call of SSM Agent by the time that it is at the endpoint."""
    role, scope = visitor.role, visitor.scope
    return {
        "aws:PrincipalArn": (role.arn,),
        "aws:PrincipalAccount": (role.account,),
        "aws:PrincipalType": ("AssumedRole",),
        "aws:PrincipalIsAWSService": ("false",),
        "aws:ViaAWSService": ("false",),
        "aws:CalledVia": (),
        "kms:ViaService": (),
        "aws:SecureTransport": ("true",),
        "aws:RequestedRegion": (scope.region,),
        "aws:SourceVpc": (visitor.placement.vpc_id,),
        "aws:SourceVpce": (endpoint.id,),
        **{key: (value,) for key, value in question.context},
    }

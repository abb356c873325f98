"""Evaluate the policy of a VPC endpoint for the calls that a node's role makes through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ssmtui.analysis.finding_parts import (
    join_words,
    least_sure,
    settling_actions,
    status_by_switch,
    the_key,
    unknown_finding,
    unread_evidence,
    unread_finding,
)
from ssmtui.iam_policy.document import Condition, Effect, Policy, Statement
from ssmtui.iam_policy.evaluation import AuthorizationRequest, evaluate_request, undecided_keys
from ssmtui.iam_policy.patterns import Context
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import (
    CHANNEL_ACTIONS,
    DECRYPT,
    DESCRIBE_LOG_GROUPS,
    GET_BUCKET_ENCRYPTION,
    UPDATE_INSTANCE_INFORMATION,
    bucket_questions,
    log_group_questions,
    node_arn,
)
from ssmtui.model.identity import Role
from ssmtui.model.network import Endpoint, EndpointType, Placement
from ssmtui.model.node import Node
from ssmtui.model.node_facts import Observation, RunningInstance
from ssmtui.model.node_requests import NO_CONDITIONS, EndpointPolicyRequests, PolicyRequests, unread_context_reads
from ssmtui.model.permissions import Question
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.request_context import agent_context
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key

_OF_THE_ROLE = "aws:principal"
_OF_THE_RESOURCE = "aws:resourceorg"


@dataclass(frozen=True, slots=True)
class ProvedConditions:
    """Conditions that are known to hold, or not to hold, for a role and resources of its account."""

    fulfilled: frozenset[Condition] = frozenset()
    unfulfilled: frozenset[Condition] = frozenset()

    @property
    def of_the_role(self) -> ProvedConditions:
        """Return the conditions about the role alone, which hold for resources of any account."""
        return ProvedConditions(
            *(frozenset(filter(_is_of_the_role, each)) for each in (self.fulfilled, self.unfulfilled))
        )


NOTHING_PROVED = ProvedConditions()


def prove_conditions(policy: Policy, request: AuthorizationRequest) -> ProvedConditions:
    """Return the conditions that are proved if a policy let a request through."""
    open_statements = [each for each in policy.statements if _word(policy, each, request) is Truth.PERHAPS]
    if len(open_statements) != 1:
        return NOTHING_PROVED
    (statement,) = open_statements
    told = frozenset(each for each in statement.conditions if _carries_over(each))
    if statement.effect is Effect.ALLOW:
        others = replace(policy, statements=tuple(each for each in policy.statements if each is not statement))
        needed = evaluate_request((others,), request).allows is Truth.NO
        return ProvedConditions(fulfilled=told) if needed else NOTHING_PROVED
    decided = len(statement.conditions) == 1 and len(told) == 1
    return ProvedConditions(unfulfilled=told) if decided else NOTHING_PROVED


def apply_proved_conditions(policy: Policy, proved: ProvedConditions) -> Policy:
    """Return a policy without the conditions that hold, and without the statements with a condition that does not."""
    statements = tuple(_without(each, proved.fulfilled) for each in _applicable(policy.statements, proved))
    return replace(policy, statements=statements)


def _applicable(statements: Iterable[Statement], proved: ProvedConditions) -> Iterable[Statement]:
    return (each for each in statements if proved.unfulfilled.isdisjoint(each.conditions))


def _without(statement: Statement, fulfilled: frozenset[Condition]) -> Statement:
    return replace(statement, conditions=tuple(each for each in statement.conditions if each not in fulfilled))


def _word(policy: Policy, statement: Statement, request: AuthorizationRequest) -> Truth:
    reading = evaluate_request((replace(policy, statements=(statement,)),), request)
    return reading.allows if statement.effect is Effect.ALLOW else reading.denies


def _carries_over(condition: Condition) -> bool:
    """Return whether a condition is about the role or the resource's account: channels are of the node's account."""
    return _is_of_the_role(condition) or condition.key.casefold().startswith(_OF_THE_RESOURCE)


def _is_of_the_role(condition: Condition) -> bool:
    return condition.key.casefold().startswith(_OF_THE_ROLE)


CAUSE = "endpoint-policy-denies"
RESOURCE_ACCOUNT = "aws:ResourceAccount"
"""The condition key for the account of a call's resource."""

_SOURCE = "ec2:DescribeVpcEndpoints"

_OPEN_CONTROL_CHANNEL = "ssmmessages:OpenControlChannel"
_ANYBODY = ("*",)
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN)


@dataclass(frozen=True, slots=True)
class EndpointCaller:
    """A role whose calls reach an endpoint from one place, with the conditions that earlier calls have proved.

    `requests` are known if the policies depend on them; `node` is needed only for `PolicyRequests.of_single_nodes`.
    """

    role: Role
    placement: Placement
    scope: Scope
    requests: EndpointPolicyRequests | NoFact = NO_CONDITIONS
    node: Node | None = None
    proved: ProvedConditions = NOTHING_PROVED


@dataclass(frozen=True, slots=True)
class EndpointDenial:
    """A call that an endpoint's policy denies or may deny, with its severity and confidence.

    `needs` are the IAM actions that would settle it, if any, `unread` the failed reads.
    """

    action: str
    permits: Truth
    evidence: Evidence
    status: Status
    confidence: Confidence
    needs: tuple[str, ...] = ()
    unread: tuple[Unreadable, ...] = ()


def endpoint_permits(endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question) -> Truth:
    """Return whether the endpoint's policy allows a call.

    The policy of a gateway endpoint must have `*` as its principal. AWS documents other names only for an account (it
    means the root user), so a result that depends on one is undecided.
    """
    said = _said(endpoint_caller, endpoint, question, _names(endpoint_caller, endpoint))
    if endpoint.type is not EndpointType.GATEWAY or said is _said(endpoint_caller, endpoint, question, _ANYBODY):
        return said
    return Truth.PERHAPS


def endpoint_denial(
    endpoint_caller: EndpointCaller,
    endpoint: Endpoint,
    question: Question,
    status: Status,
    confidence: Confidence,
    needs: tuple[str, ...] = (),
) -> EndpointDenial | None:
    """Return why the endpoint's policy denies a call; None if it allows the call."""
    let_through = endpoint_permits(endpoint_caller, endpoint, question)
    if let_through is Truth.YES:
        return None
    evidence = Evidence(_in_words(endpoint_caller, endpoint, question, let_through), _SOURCE)
    unread = _unread(endpoint_caller, endpoint, question) if let_through is Truth.PERHAPS else ()
    settling = tuple(dict.fromkeys((*needs, *settling_actions(*unread))))
    return EndpointDenial(question.action, let_through, evidence, status, confidence, settling, unread)


def _unread(endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question) -> tuple[Unreadable, ...]:
    """Return the failed reads of the condition keys that are unknown."""
    if not isinstance(endpoint_caller.requests, PolicyRequests):
        return ()
    request = _request(endpoint_caller, endpoint, question, _names(endpoint_caller, endpoint))
    keys = undecided_keys((_policy(endpoint_caller, endpoint, question),), request)
    return unread_context_reads(endpoint_caller.requests.requests, keys, question.action)


def downgrade_if_bypassed(hindrances: Sequence[EndpointDenial], untold: Unreadable) -> list[EndpointDenial]:
    """Return the denials as undecided: the calls may bypass the endpoint, and what would show that was not read."""
    needs = (untold.action,) if untold.action else ()
    open_ = [replace(each, permits=Truth.PERHAPS, needs=(*each.needs, *needs)) for each in hindrances]
    return [*open_, *(replace(each, evidence=Evidence(untold.why, untold.source)) for each in open_[:1])]


def endpoint_finding(endpoint: Endpoint, role: Role, hindrances: Sequence[EndpointDenial]) -> Findings:
    """Return one finding for an endpoint, with the status of its worst denial."""
    if not hindrances:
        return ()
    status = next(each for each in _WORST_FIRST if any(_denial_status(one) is each for one in hindrances))
    decisive = [each for each in hindrances if _denial_status(each) is status]
    actions = join_words(list(dict.fromkeys(each.action for each in decisive)))
    reads = dict.fromkeys(read for each in hindrances for read in each.unread)
    evidence = tuple(
        dict.fromkeys(
            (*(each.evidence for each in hindrances), *(fact for read in reads for fact in unread_evidence(read)))
        )
    )
    subject = Subject(SubjectKind.ENDPOINT, endpoint.id)
    if status is Status.UNKNOWN:
        summary = say(
            "Cannot determine whether the policy of the VPC endpoint {endpoint} allows {role} to call {actions}.",
            endpoint=endpoint.id,
            role=role.name,
            actions=actions,
        )
        needs = tuple(dict.fromkeys(need for each in decisive for need in each.needs))
        return (unknown_finding(CAUSE, subject, summary, evidence, needs),)
    return (
        Finding(
            cause=CAUSE,
            status=status,
            confidence=least_sure(each.confidence for each in decisive),
            subject=subject,
            summary=say(
                "The policy of the VPC endpoint {endpoint} does not allow {role} to call {actions}.",
                endpoint=endpoint.id,
                role=role.name,
                actions=actions,
            ),
            evidence=evidence,
            fixes=("steps-network",),
        ),
    )


def _denial_status(each: EndpointDenial) -> Status:
    return Status.UNKNOWN if each.permits is Truth.PERHAPS else each.status


def _names(endpoint_caller: EndpointCaller, endpoint: Endpoint) -> tuple[str, ...]:
    role, account = endpoint_caller.role, endpoint_caller.role.account
    if endpoint.type is EndpointType.GATEWAY:
        return (role.arn,)
    return (role.arn, f"arn:{endpoint_caller.scope.partition}:iam::{account}:root", account)


def finding_for_unknown_caller(unreadable: Unreadable, endpoints: Sequence[Endpoint | None]) -> Findings:
    """Return unknown findings if the caller or its calls are unknown, except for endpoints that allow everything."""
    return tuple(
        unread_finding(
            CAUSE,
            Subject(SubjectKind.ENDPOINT, each.id),
            say(
                "Cannot determine whether the policy of the VPC endpoint {endpoint} allows the node's role.",
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


def with_control_channel_proof(
    endpoint_caller: EndpointCaller, endpoint: Endpoint | None, observation: Observation
) -> EndpointCaller:
    """Return the caller with what its control channel proves, if it is open through the endpoint for ssmmessages."""
    if endpoint is None or not observation.connected:
        return endpoint_caller
    question = Question(_OPEN_CONTROL_CHANNEL, "*", ((RESOURCE_ACCOUNT, endpoint_caller.role.account),))
    request = _request(endpoint_caller, endpoint, question, _names(endpoint_caller, endpoint))
    return replace(endpoint_caller, proved=prove_conditions(endpoint.policy, request))


def _policy(endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question) -> Policy:
    """Return the endpoint's policy without what is proved."""
    own = dict(question.context).get(RESOURCE_ACCOUNT) == endpoint_caller.role.account
    return apply_proved_conditions(
        endpoint.policy, endpoint_caller.proved if own else endpoint_caller.proved.of_the_role
    )


def _said(endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question, names: tuple[str, ...]) -> Truth:
    return evaluate_request(
        (_policy(endpoint_caller, endpoint, question),), _request(endpoint_caller, endpoint, question, names)
    ).permits


def _in_words(endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question, let_through: Truth) -> str:
    request = _request(endpoint_caller, endpoint, question, _names(endpoint_caller, endpoint))
    where = "" if question.resource == "*" else say(" on {resource}", resource=question.resource)
    if let_through is Truth.PERHAPS:
        keys = undecided_keys((_policy(endpoint_caller, endpoint, question),), request)
        if not keys:
            return say(
                "cannot determine whether the policy of {endpoint} allows {action}{where}",
                endpoint=endpoint.id,
                action=question.action,
                where=where,
            )
        return say(
            "whether the policy of {endpoint} allows {action}{where} depends on {keys}, and the value is unknown",
            endpoint=endpoint.id,
            action=question.action,
            where=where,
            keys=join_words(keys),
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
    """Return the number, from 1, of the statement that denies a request explicitly."""
    for number, statement in enumerate(policy.statements, 1):
        alone = Policy((statement,), has_variables=policy.has_variables)
        if statement.effect is Effect.DENY and evaluate_request((alone,), request).denies is Truth.YES:
            return number
    return None


def _request(
    endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question, names: tuple[str, ...]
) -> AuthorizationRequest:
    accounts = (
        f"arn:{endpoint_caller.scope.partition}:iam::{endpoint_caller.role.account}:root",
        endpoint_caller.role.account,
    )
    requests, context = endpoint_caller.requests, _context(endpoint_caller, endpoint, question)
    session = (
        requests.session(endpoint_caller.scope, endpoint_caller.node) if isinstance(requests, PolicyRequests) else ""
    )
    return AuthorizationRequest(question.action, question.resource, names, context, accounts, session=session)


def _context(endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question) -> Context:
    """Return the known condition keys of a call of SSM Agent at the endpoint."""
    role, scope, requests = endpoint_caller.role, endpoint_caller.scope, endpoint_caller.requests
    return {
        **agent_context(scope, role.arn, question),
        **(requests.known(scope, endpoint_caller.node, question) if isinstance(requests, PolicyRequests) else {}),
        "aws:SourceVpc": (endpoint_caller.placement.vpc_id,),
        "aws:SourceVpce": (endpoint.id,),
        "aws:SourceIp": (),
        **{key: (value,) for key, value in question.context},
    }


def asks_for_connecting(service: str, observation: Observation, scope: Scope) -> bool:
    """Return whether the agent makes calls to ssm, or to ssmmessages, that are not proved to be allowed."""
    return bool(_calls_for_connecting(service, "", observation, scope))


def _calls_for_connecting(service: str, node_id: str, observation: Observation, scope: Scope) -> tuple[Question, ...]:
    return _channels(observation, scope) if service == "ssmmessages" else _reporting(node_id, observation, scope)


def connecting_denials(
    endpoint_caller: EndpointCaller,
    endpoint: Endpoint,
    service: str,
    running: RunningInstance,
    node_id: str,
    observation: Observation,
) -> Iterator[EndpointDenial]:
    """Yield the calls that the policy of the endpoint for ssm, or for ssmmessages, denies."""
    status = _connecting_status(endpoint_caller, endpoint, service, observation, endpoint_caller.scope)
    confidence = Confidence.LIKELY if running.node.managed else Confidence.PROVED
    for question in _calls_for_connecting(service, node_id, observation, endpoint_caller.scope):
        found = endpoint_denial(endpoint_caller, endpoint, question, status, confidence)
        if found is not None:
            yield found


def _reporting(node_id: str, observation: Observation, scope: Scope) -> tuple[Question, ...]:
    """Return the calls to ssm; none if the node is online, because they were allowed."""
    if observation.online:
        return ()
    context = ((RESOURCE_ACCOUNT, scope.account),)
    return (Question(UPDATE_INSTANCE_INFORMATION, node_arn(scope, node_id), context),)


def _channels(observation: Observation, scope: Scope) -> tuple[Question, ...]:
    """Return the calls to ssmmessages; without the control channel if the node is connected, because it was allowed."""
    actions = [each for each in CHANNEL_ACTIONS if not (observation.connected and _is_of_control(each))]
    return tuple(Question(action, "*", ((RESOURCE_ACCOUNT, scope.account),)) for action in actions)


def _connecting_status(
    endpoint_caller: EndpointCaller, endpoint: Endpoint, service: str, observation: Observation, scope: Scope
) -> Status:
    """Return WARN if the policy denies what a connected node has done: it is newer, or the node uses another path."""
    if service == "ssm" or not observation.connected:
        return Status.FAIL
    proved = [Question(each, "*", ((RESOURCE_ACCOUNT, scope.account),)) for each in CHANNEL_ACTIONS]
    contradicted = any(
        endpoint_permits(endpoint_caller, endpoint, each) is Truth.NO for each in proved if _is_of_control(each.action)
    )
    return Status.WARN if contradicted else Status.FAIL


def _is_of_control(action: str) -> bool:
    return "ControlChannel" in action


_UNASKED = NotApplicable("")


def session_denials(
    endpoint_caller: EndpointCaller,
    endpoint: Endpoint,
    service: str,
    preferences: SessionPreferences,
    key: Key | Absent | NotApplicable | Unreadable,
) -> Iterator[EndpointDenial]:
    """Yield what the policy of the endpoint for kms, logs or s3 denies to sessions."""
    yield from (each for each in _told(endpoint_caller, endpoint, service, preferences, key) if each is not None)


def _told(
    endpoint_caller: EndpointCaller,
    endpoint: Endpoint,
    service: str,
    preferences: SessionPreferences,
    key: Key | Absent | NotApplicable | Unreadable,
) -> Iterator[EndpointDenial | None]:
    if service == "kms":
        yield _decrypting(endpoint_caller, endpoint, preferences, key)
        return
    if service == "logs":
        asked, lookup = log_group_questions(endpoint_caller.scope, preferences), DESCRIBE_LOG_GROUPS
        switch = preferences.log_group_encrypted_only
    else:
        asked, lookup = bucket_questions(endpoint_caller.scope, preferences, _UNASKED, _UNASKED), GET_BUCKET_ENCRYPTION
        switch = preferences.s3_encrypted_only
    for each in asked:
        question = (
            each if service == "s3" else replace(each, context=((RESOURCE_ACCOUNT, endpoint_caller.scope.account),))
        )
        yield _logging(endpoint_caller, endpoint, question, switch, is_lookup=question.action == lookup)


def _decrypting(
    endpoint_caller: EndpointCaller,
    endpoint: Endpoint,
    preferences: SessionPreferences,
    key: Key | Absent | NotApplicable | Unreadable,
) -> EndpointDenial | None:
    """Return the denial of decryption, without which no session opens.

    A key that cannot be read is evaluated by its name in the preferences.
    """
    if isinstance(key, Key):
        question = Question(DECRYPT, key.arn, ((RESOURCE_ACCOUNT, key.account),))
        return endpoint_denial(endpoint_caller, endpoint, question, Status.FAIL, Confidence.LIKELY)
    if not isinstance(key, Unreadable):
        return None  # there is no such key, which another check reports
    question = Question(DECRYPT, the_key(endpoint_caller.scope, preferences).id)
    if endpoint_permits(endpoint_caller, endpoint, question) is Truth.YES:
        return None
    needs = (key.action,) if key.action else ()
    unread = Evidence(key.why, key.source)
    return EndpointDenial(DECRYPT, Truth.PERHAPS, unread, Status.UNKNOWN, Confidence.POSSIBLE, needs)


def _logging(
    endpoint_caller: EndpointCaller, endpoint: Endpoint, question: Question, switch: EncryptedOnly, *, is_lookup: bool
) -> EndpointDenial | None:
    """Return the denial of a call to a log destination. The agent looks it up only if encryption is required."""
    if not is_lookup:
        return endpoint_denial(endpoint_caller, endpoint, question, Status.WARN, Confidence.LIKELY)
    status, needs = status_by_switch(switch)
    if status is Status.WARN:
        return None
    return endpoint_denial(endpoint_caller, endpoint, question, status, Confidence.LIKELY, needs)

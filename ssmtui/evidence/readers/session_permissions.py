"""Read what the caller can do with sessions, keys and preferences."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, ReadFailed
from ssmtui.evidence.facts.sources import by_region, derives, reads
from ssmtui.evidence.readers.caller import CallerIdentity, JudgedCaller, actions_proved_by_caller, caller_context
from ssmtui.evidence.readers.policy_evaluation import evaluate_role_policies, settle_answer, settle_on_arns
from ssmtui.evidence.readers.preferences import ListedDocuments
from ssmtui.evidence.readers.roles import (
    CallerKeyStatements,
    CallerPolicies,
    CallerSimulation,
    CallerStatements,
    KeysLackedOfCaller,
    KeysLackedOnCallerKey,
)
from ssmtui.evidence.readers.simulation import EMPTY_CONTEXT, doubted_by_unread, simulate
from ssmtui.evidence.readers.storage import DescribedKeyArn, key_of_another_region
from ssmtui.iam_policy.patterns import Context
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NoFact, NotApplicable, OfNode, ReadFailure, Unreadable
from ssmtui.model.iam_questions import (
    DESKTOP_SERVICE,
    GENERATE_DATA_KEY,
    OPEN_DATA_CHANNEL,
    OWN_SESSION_ACTIONS,
    caller_preferences_questions,
    depends_on_document_check,
    desktop_questions,
    document_question,
)
from ssmtui.model.identity import RUN_AS_TAG, RunAsSetting, RunAsTag
from ssmtui.model.key_requests import data_key_context, is_about_key_or_session
from ssmtui.model.node import PlatformFamily
from ssmtui.model.node_facts import InspectedNode, ManagedFleet, ManagedNode, SampleNode, WindowsNode
from ssmtui.model.permissions import (
    SIMULATION,
    CallerDesktopPermissions,
    CallerInSessions,
    CallerKeyPermissions,
    CallerPreferencesPermissions,
    DataKeyDryRun,
    EvaluationResult,
    Permissions,
    Question,
    best_of,
)
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.request_context import NODE_KEYS, context_through, direct_context
from ssmtui.model.resource_attributes import CallerKeyAttributes, known_attributes
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import JustInTimeAccess
from ssmtui.model.storage import Key, KeyPolicy


@dataclass(frozen=True, slots=True)
class OpenOnCallerKey:
    """The condition keys about the session key, or about a session, that IAM did not have for the caller.

    `governed`: service control policies apply, which perhaps use the aliases and the tags of the key.
    """

    keys: tuple[str, ...]
    governed: bool = False

    @property
    def of_single_nodes(self) -> bool:
        """Return whether the answer can be different for each node."""
        return any(key.lower() in NODE_KEYS for key in self.keys)


class CallerKeyAnswers(CallerKeyPermissions):
    """IAM's answers with these keys."""

    __slots__ = ()


class SimulatedCallerKey(CallerKeyPermissions):
    """IAM's answers about the caller and the session key."""

    __slots__ = ()


def _principal_and_key(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    preferences: SessionPreferences,
    described: DescribedKeyArn | NotApplicable,
) -> Hashable:
    return caller.principal, identity, _key_arn(preferences, described), actions_proved_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_key)
async def simulated_caller_key(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    preferences: SessionPreferences,
    described: DescribedKeyArn | NotApplicable,
) -> SimulatedCallerKey | NotApplicable:
    """Ask about the key's ARN. If the preferences contain it, the question shares the call of the caller's others."""
    arn = _key_arn(preferences, described)
    if not arn or key_of_another_region(scope, arn):
        return NotApplicable(say("the preferences name no session key in this Region"))
    questions, known = (Question(GENERATE_DATA_KEY, arn),), caller_context(scope, caller, identity)
    done = actions_proved_by_caller(scope, fleet)
    answers = await simulate(aws, caller.principal, questions, lambda _question: known, done=done)
    return SimulatedCallerKey(caller.principal, answers)


def _key_arn(preferences: SessionPreferences, described: DescribedKeyArn | NotApplicable) -> str:
    return described.arn if isinstance(described, DescribedKeyArn) else preferences.kms_key


@derives
def keys_lacked_on_caller_key(simulated: SimulatedCallerKey) -> KeysLackedOnCallerKey | NotApplicable:
    """Return the keys that IAM did not have, also those that only requests to KMS can have."""
    keys = {key for answer in simulated.answers for key in answer.open_keys}
    if not keys:
        return NotApplicable(say("no condition key was missing for IAM"))
    return KeysLackedOnCallerKey(tuple(sorted(keys)))


@derives
def open_on_caller_key(
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    scope: Scope,
    key: Key,
    simulated: SimulatedCallerKey | Unreadable,
    policies: CallerPolicies | NoFact,
    statements: CallerKeyStatements | NoFact,
) -> OpenOnCallerKey | NotApplicable:
    """Return the keys on which the answer about the caller depends."""
    known = caller_context(scope, caller, identity)
    answers: tuple[EvaluationResult, ...] = ()
    if isinstance(simulated, SimulatedCallerKey):
        answers = tuple(settle_answer(each, statements, known) for each in simulated.answers)
    elif isinstance(policies, CallerPolicies):
        answers = _evaluated(policies, caller, key, known).answers
    open_ = {lacked for each in answers for lacked in each.open_keys}
    keys = tuple(sorted(filter(is_about_key_or_session, open_)))
    governed = any(each.governed and not each.is_denied_explicitly for each in answers)
    if not keys and not governed:
        return NotApplicable(say("IAM's result does not depend on the session key"))
    return OpenOnCallerKey(keys, governed)


def _evaluated(policies: CallerPolicies, caller: JudgedCaller, key: Key, known: Context) -> CallerKeyPermissions:
    questions = (Question(GENERATE_DATA_KEY, key.arn),)
    return CallerKeyPermissions(caller.principal, evaluate_role_policies(policies, questions, lambda _question: known))


def _caller_key_and_node(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    key: Key,
    asked: OpenOnCallerKey,
    sample: SampleNode,
    attributes: CallerKeyAttributes | NoFact,
    policies: object,
) -> Hashable | OfNode[Hashable]:
    of_key = known_attributes(CallerKeyAttributes, attributes)
    shared = (caller.principal, identity, key.arn, actions_proved_by_caller(scope, fleet), asked, of_key)
    return OfNode(lambda one: (*shared, one.id)) if asked.of_single_nodes else (*shared, "")


@reads(SIMULATION, key=_caller_key_and_node, along=(CallerPolicies,))
async def caller_key_answers(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
    key: Key,
    asked: OpenOnCallerKey,
    sample: SampleNode,
    attributes: CallerKeyAttributes | NoFact,
    policies: CallerPolicies | NoFact,
) -> CallerKeyAnswers:
    """Ask again with what is known of the key and of a session to the node."""
    of_key = known_attributes(CallerKeyAttributes, attributes)
    own = EMPTY_CONTEXT if of_key is None else of_key.context(asked.keys)
    known = {**caller_context(scope, caller, identity), **data_key_context(sample.node.id), **own}
    if isinstance(policies, CallerPolicies):
        answers = _evaluated(policies, caller, key, known).answers
    else:
        questions, done = (Question(GENERATE_DATA_KEY, key.arn),), actions_proved_by_caller(scope, fleet)
        answers = await simulate(aws, caller.principal, questions, lambda _question: known, done=done)
    if of_key is not None:
        doubted = (doubted_by_unread(each, of_key.unknown_keys) for each in answers)
        answers = tuple(replace(each, unread=(*each.unread, *of_key.unread(each.open_keys))) for each in doubted)
    return CallerKeyAnswers(caller.principal, answers)


@derives
def caller_key_permissions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    simulated: SimulatedCallerKey | Unreadable,
    key: Key,
    again: CallerKeyAnswers | NoFact,
    policies: CallerPolicies | NoFact,
    statements: CallerKeyStatements | NoFact,
) -> CallerKeyPermissions | Unreadable:
    """Return IAM's answers, else the evaluation of the caller's policies."""
    known = caller_context(scope, caller, identity)
    told = again if isinstance(again, CallerKeyAnswers) else simulated
    if isinstance(told, CallerKeyPermissions):
        answers = told.answers
        if isinstance(again, Unreadable):
            answers = tuple(each.perhaps_barred_by_organization(again) if each.governed else each for each in answers)
        return CallerKeyPermissions(told.principal, tuple(settle_answer(each, statements, known) for each in answers))
    return _evaluated(policies, caller, key, known) if isinstance(policies, CallerPolicies) else told


_DRY_RUN = "DryRunOperationException"
"""KMS's answer to a dry run that is allowed (KMS Developer Guide, testing-permissions)."""
_KEY_BYTES = 64
_NO_SESSION = "0" * 17
"""The end of a session's ID, which begins with the name of the caller's session: policies can name this beginning."""
_NOT_DRY = translatable("KMS answered a dry run with {member}")


def _node_and_key(
    scope: Scope,
    pointed: InspectedNode,
    key: Key,
    permissions: CallerKeyPermissions | Unreadable,
    policy: KeyPolicy | Unreadable,
) -> Hashable:
    return pointed.node.id, key.arn, key.state, _is_settled(scope, key, permissions, policy)


def _is_settled(
    scope: Scope, key: Key, permissions: CallerKeyPermissions | Unreadable, policy: KeyPolicy | Unreadable
) -> bool:
    """Return whether policies settle the question: IAM allows the request, and the key's own policy was read."""
    if not isinstance(permissions, CallerKeyPermissions) or not isinstance(policy, KeyPolicy):
        return False
    answer = permissions.answer_to(GENERATE_DATA_KEY)
    return key.account == scope.account and answer.permits is Truth.YES


@reads(GENERATE_DATA_KEY, key=_node_and_key, optional=True)
async def data_key_dry_run(
    aws: Aws,
    scope: Scope,
    pointed: InspectedNode,
    key: Key,
    permissions: CallerKeyPermissions | Unreadable,
    policy: KeyPolicy | Unreadable,
) -> DataKeyDryRun | NotApplicable:
    """Ask KMS whether the caller is allowed to generate a data key for a session to the node.

    KMS charges for the request, and CloudTrail records it. So it is sent only for a selected node, if policies do not
    settle the question.
    """
    if scope.judged is not None:
        return NotApplicable(say("another principal is judged"))
    if key.state != "Enabled":
        return NotApplicable(say("the session key cannot be used"))
    if _is_settled(scope, key, permissions, policy):
        return NotApplicable(say("the policies can be evaluated without it"))
    session = f"{scope.caller.rpartition('/')[2]}-{_NO_SESSION}"
    context = {"aws:ssm:SessionId": session, "aws:ssm:TargetId": pointed.node.id}
    try:
        answer = await aws.call(
            "kms",
            "GenerateDataKey",
            KeyId=key.arn,
            NumberOfBytes=_KEY_BYTES,
            EncryptionContext=context,
            DryRun=True,
        )
    except AwsError as error:
        if error.code != _DRY_RUN:
            raise
        return DataKeyDryRun(key.arn)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED:
            raise
        return DataKeyDryRun(key.arn, failed.unreadable.why)
    raise answer.malformed("KeyId", _NOT_DRY)


@dataclass(frozen=True, slots=True)
class SimulatedSessions:
    """IAM's answers about the caller's own sessions."""

    answers: CallerInSessions


def _sessions_key(
    scope: Scope, caller: JudgedCaller, identity: CallerIdentity, fleet: ManagedFleet | Unreadable
) -> Hashable:
    return caller.principal, identity, actions_proved_by_caller(scope, fleet)


@reads(SIMULATION, key=_sessions_key)
async def simulated_sessions(
    aws: Aws, scope: Scope, caller: JudgedCaller, identity: CallerIdentity, fleet: ManagedFleet | Unreadable
) -> SimulatedSessions:
    """Ask about the possible ARNs of the caller's sessions, and the preferences document."""
    arns, context = identity.session_arns(scope), identity.session_context()
    known = _in_own_sessions(scope, caller)
    done, named = actions_proved_by_caller(scope, fleet), caller_context(scope, caller, identity)
    questions = [Question(action, arn, context) for action in OWN_SESSION_ACTIONS for arn in arns]
    own, document = await asyncio.gather(
        _simulated_on_arns(aws, caller.principal, questions, known, done),
        _document_answer(aws, scope, caller.principal, named, done),
    )
    return SimulatedSessions(CallerInSessions(_best(own, arns, context), document))


async def _document_answer(
    aws: Aws, scope: Scope, principal: str, known: Context, done: tuple[str, ...]
) -> EvaluationResult:
    """Return the answer about the session document.

    The question has a condition key that the caller's others do not have, so it needs a call of its own. It is asked
    without this key first: if IAM does not miss it, the answer is the same with it. Of the organization's policies, IAM
    does not show the keys.
    """
    question = document_question(scope)

    async def answer_to(question: Question) -> EvaluationResult:
        (answer,) = await simulate(aws, principal, (question,), lambda _question: known, done=done)
        return answer

    shared = await answer_to(replace(question, context=()))
    if shared.governed or depends_on_document_check(shared):
        return await answer_to(question)
    return replace(shared, question=question)


async def _simulated_on_arns(
    aws: Aws, principal: str, questions: Sequence[Question], known: Context, done: tuple[str, ...]
) -> Mapping[Question, EvaluationResult]:
    """Return the answers on the possible ARNs. One of them is right, so an action that one allows is settled."""
    told = await simulate(aws, principal, questions, lambda _question: known, done=done)
    settled = {each.question.action for each in told if each.allowed}
    denied = [each for each in told if each.question.action not in settled]
    evaluated = await settle_on_arns(aws, principal, denied, lambda _question: known)
    return {each.question: each for each in (*told, *evaluated)}


@derives
def caller_in_sessions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity,
    simulated: SimulatedSessions | Unreadable,
    policies: CallerPolicies | NoFact,
    statements: CallerStatements | NoFact,
) -> CallerInSessions | Unreadable:
    """Return IAM's answers, else the evaluation of the caller's policies."""
    known, named = _in_own_sessions(scope, caller), caller_context(scope, caller, identity)
    if isinstance(simulated, SimulatedSessions):
        told = simulated.answers
        own = tuple(settle_answer(each, statements, known) for each in told.own)
        return CallerInSessions(own, settle_answer(told.document, statements, named))
    if not isinstance(policies, CallerPolicies):
        return simulated
    arns, context = identity.session_arns(scope), identity.session_context()
    questions = [Question(action, arn, context) for action in OWN_SESSION_ACTIONS for arn in arns]
    by_own = dict(zip(questions, evaluate_role_policies(policies, questions, lambda _question: known), strict=True))
    (document,) = evaluate_role_policies(policies, (document_question(scope),), lambda _question: named)
    return CallerInSessions(_best(by_own, arns, context), document)


def _in_own_sessions(scope: Scope, caller: JudgedCaller) -> Context:
    """Return the known keys in addition to the questions' context: a role has no user name."""
    return {**direct_context(scope, caller.principal), "aws:username": ()}


def _best(
    answers: Mapping[Question, EvaluationResult], arns: tuple[str, ...], context: tuple[tuple[str, str], ...]
) -> tuple[EvaluationResult, ...]:
    """Return one answer per action."""
    return tuple(best_of([answers[Question(action, arn, context)] for arn in arns]) for action in OWN_SESSION_ACTIONS)


class SimulatedDesktop(Permissions):
    """IAM's answers about the caller and remote desktops."""

    __slots__ = ()


@derives
def windows_node(managed: ManagedNode) -> WindowsNode | NotApplicable:
    """Return the managed node if it runs Windows."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return NotApplicable(say("remote desktops are available only for Windows"))
    return WindowsNode(managed.node)


def _desktop_key(
    scope: Scope,
    windows: WindowsNode,
    caller: JudgedCaller,
    identity: CallerIdentity,
    fleet: ManagedFleet | Unreadable,
) -> Hashable:
    return caller.principal, identity, actions_proved_by_caller(scope, fleet)


@reads(SIMULATION, key=_desktop_key)
async def simulated_desktop(
    aws: Aws,
    scope: Scope,
    windows: WindowsNode,
    caller: JudgedCaller,
    identity: CallerIdentity,
    fleet: ManagedFleet | Unreadable,
) -> SimulatedDesktop:
    """Ask about desktops.

    The channel is evaluated on the ARNs of the caller's sessions; the service opens it for the caller.
    """
    known, done = caller_context(scope, caller, identity), actions_proved_by_caller(scope, fleet)
    arns, context = identity.session_arns(scope), identity.session_context()
    through = context_through(scope, caller.principal, DESKTOP_SERVICE)
    questions = [Question(OPEN_DATA_CHANNEL, arn, context) for arn in arns]
    answers, channel = await asyncio.gather(
        simulate(aws, caller.principal, desktop_questions(), lambda _question: known, done=done),
        _simulated_on_arns(aws, caller.principal, questions, through, done),
    )
    return SimulatedDesktop(caller.principal, (*answers, best_of(tuple(channel.values()))))


@derives
def caller_desktop_permissions(
    scope: Scope,
    windows: WindowsNode,
    caller: JudgedCaller,
    identity: CallerIdentity,
    simulated: SimulatedDesktop | Unreadable,
    policies: CallerPolicies | NoFact,
    statements: CallerStatements | NoFact,
) -> CallerDesktopPermissions | Unreadable:
    """Return IAM's answers, else the evaluation of the caller's policies."""
    known, through = (
        caller_context(scope, caller, identity),
        context_through(scope, caller.principal, DESKTOP_SERVICE),
    )
    if isinstance(simulated, SimulatedDesktop):
        *own, opening = simulated.answers
        told = (*(settle_answer(each, statements, known) for each in own), settle_answer(opening, statements, through))
        return CallerDesktopPermissions(simulated.principal, told)
    if not isinstance(policies, CallerPolicies):
        return simulated
    context = identity.session_context()
    channel = [Question(OPEN_DATA_CHANNEL, arn, context) for arn in identity.session_arns(scope)]
    best = best_of(evaluate_role_policies(policies, channel, lambda _question: through))
    desktop = evaluate_role_policies(policies, desktop_questions(), lambda _question: known)
    return CallerDesktopPermissions(caller.principal, (*desktop, best))


def _principal(
    scope: Scope, caller: JudgedCaller, identity: CallerIdentity | Unreadable, fleet: ManagedFleet | Unreadable
) -> Hashable:
    return caller.principal, actions_proved_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal, along=(CallerIdentity,))
async def caller_simulation(
    aws: Aws,
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    fleet: ManagedFleet | Unreadable,
) -> CallerSimulation:
    """Ask about the caller and the preferences document of the Region.

    The context is that of the caller's other questions, so that they share a call; this one does without the identity.
    """
    questions = caller_preferences_questions(scope)
    known = caller_context(scope, caller, identity)
    done = actions_proved_by_caller(scope, fleet)
    answers = await simulate(aws, caller.principal, questions, known=lambda _question: known, done=done)
    return CallerSimulation(caller.principal, answers)


@derives
def keys_lacked_of_caller(told: CallerSimulation) -> KeysLackedOfCaller | NotApplicable:
    """Return the keys that IAM did not have.

    IAM names them for any action, so the caller's own simulation shows all.
    """
    keys = {key for answer in told.answers for key in answer.missing_context}
    return (
        KeysLackedOfCaller(tuple(sorted(keys))) if keys else NotApplicable(say("no condition key was missing for IAM"))
    )


@derives
def caller_preferences_permissions(
    scope: Scope,
    caller: JudgedCaller,
    identity: CallerIdentity | Unreadable,
    simulated: CallerSimulation | Unreadable,
    policies: CallerPolicies | NoFact,
    statements: CallerStatements | NoFact,
) -> CallerPreferencesPermissions | Unreadable:
    """Return IAM's answers, else the evaluation of the caller's policies."""
    known = caller_context(scope, caller, identity)
    if isinstance(simulated, CallerSimulation):
        told = tuple(settle_answer(each, statements, known) for each in simulated.answers)
        return CallerPreferencesPermissions(simulated.principal, told)
    if isinstance(policies, CallerPolicies):
        answers = evaluate_role_policies(policies, caller_preferences_questions(scope), lambda _question: known)
        return CallerPreferencesPermissions(caller.principal, answers)
    return simulated


@dataclass(frozen=True, slots=True)
class ApprovalPolicies:
    """The names of the account's approval policies in the Region, sorted."""

    names: tuple[str, ...]


@reads("ssm:ListDocuments", key=by_region, along=(ListedDocuments,))
async def approval_policies(
    aws: Aws, scope: Scope, key: Key, listed: ListedDocuments | Unreadable
) -> ApprovalPolicies | Unreadable:
    """Return the policies, if sessions are encrypted with a key."""
    return listed if isinstance(listed, Unreadable) else ApprovalPolicies(tuple(sorted(listed.approval_policies)))


@derives
def just_in_time_access(scope: Scope, key: Key, policies: ApprovalPolicies) -> JustInTimeAccess | NotApplicable:
    """Return just-in-time access.

    KMS returns a key's tags only to its own account, so another account's key does not apply.
    """
    if not policies.names:
        return NotApplicable(say("no approval policy grants just-in-time node access in this Region"))
    if key.account != scope.account:
        return NotApplicable(say("the session key is in another account, and only that account can read its tags"))
    return JustInTimeAccess(policies.names)


@derives
def run_as_setting(preferences: SessionPreferences) -> RunAsSetting | NotApplicable:
    """Return the setting if Run As is on."""
    if not preferences.run_as:
        return NotApplicable(say("Run As is off"))
    return RunAsSetting(preferences.run_as_user.strip())


def _caller_principal(caller: JudgedCaller | NotApplicable, setting: RunAsSetting) -> Hashable:
    return caller


@reads("iam:ListRoleTags", "iam:ListUserTags", key=_caller_principal)
async def run_as_tag(aws: Aws, caller: JudgedCaller | NotApplicable, setting: RunAsSetting) -> RunAsTag | Absent:
    """Read the tag of the user or role. Session tags, which an identity provider can set, cannot be read."""
    if isinstance(caller, NotApplicable):
        return Absent(
            say("the tag {tag} (the caller is neither a user nor a role)", tag=RUN_AS_TAG), "sts:GetCallerIdentity"
        )
    kind, source = ("role", "iam:ListRoleTags") if caller.is_role else ("user", "iam:ListUserTags")
    async for page in _tag_pages(aws, caller):
        for tag in page.parts("Tags"):
            user = (tag.optional_text("Value") or "").strip()
            if tag.text("Key") == RUN_AS_TAG and user:
                return RunAsTag(user, source)
    return Absent(say("the tag {tag} of the {kind} {name}", tag=RUN_AS_TAG, kind=say(kind), name=caller.name), source)


def _tag_pages(aws: Aws, caller: JudgedCaller) -> AsyncIterator[Answer]:
    if caller.is_role:
        return aws.pages("iam", "ListRoleTags", RoleName=caller.name)
    return aws.pages("iam", "ListUserTags", UserName=caller.name)

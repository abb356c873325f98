"""Check the session key: Region, state, permissions of the node's role, and just-in-time access."""

from __future__ import annotations

from ssmtui.analysis.access import Access, access, evaluate_resource_policy, is_bounded
from ssmtui.analysis.finding_parts import fixes_for, the_key, the_role, unknown_finding
from ssmtui.checks.registry import check
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, OfNode, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import DECRYPT
from ssmtui.model.identity import NodeRole
from ssmtui.model.key_requests import NodeKeyRequest, known_request
from ssmtui.model.node import Node
from ssmtui.model.node_requests import KeyPolicyRequests, PolicyRequests
from ssmtui.model.permissions import EvaluationResult, KeyPermissions, Question
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import JUST_IN_TIME_KEY_TAG, JustInTimeAccess
from ssmtui.model.storage import Key, KeyElsewhere, KeyGrants, KeyPolicy, KeyTags

_SOURCE = "kms:DescribeKey"
_ANOTHER = ("choose-session-key", "clear-session-key")
_GOING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


@check(
    link=Link.PREFERENCES,
    causes=("kms-key-wrong-region",),
    subject=the_key,
    after=("preferences-are-well-formed", "timeouts-are-in-range"),
)
def session_key_is_of_this_region(scope: Scope, elsewhere: KeyElsewhere) -> Findings:
    """Whether the session key is in this Region."""
    fact = say(
        "the ARN of the key is in the Region {region}, but sessions in {here} need a key of {here}",
        region=elsewhere.region,
        here=scope.region,
    )
    return (
        Finding(
            cause="kms-key-wrong-region",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=Subject(SubjectKind.KEY, elsewhere.arn),
            summary=say(
                "The session key is in {region}; sessions in {here} cannot use it.",
                region=elsewhere.region,
                here=scope.region,
            ),
            evidence=(Evidence(fact, "ssm:GetDocument"),),
            fixes=_ANOTHER,
        ),
    )


@check(
    link=Link.PREFERENCES,
    causes=("kms-key-missing", "kms-key-disabled", "kms-key-pending-deletion", "kms-key-unusable"),
    subject=the_key,
    after=("session-key-is-of-this-region",),
)
def session_key_is_usable(scope: Scope, preferences: SessionPreferences, key: Key | Absent) -> Findings:
    """Whether the session key exists and can be used."""
    if isinstance(key, Absent):
        named = the_key(scope, preferences)
        summary = say("The session key {named} does not exist in {region}.", named=named.name, region=scope.region)
        return (_fault("kms-key-missing", named, summary, say("{what} does not exist", what=key.what), _ANOTHER),)
    subject, state = Subject(SubjectKind.KEY, key.arn), say("KeyState is {state}", state=key.state)
    if key.state in _GOING:
        when = say(" on {date}", date=f"{key.deletion:%Y-%m-%d}") if key.deletion else ""
        summary = say(
            "The session key {subject} is scheduled for deletion{when} and cannot be used.",
            subject=subject.name,
            when=when,
        )
        undoing = ("cancel-key-deletion", *_ANOTHER)
        return (_fault("kms-key-pending-deletion", subject, summary, f"{state}{when}", undoing),)
    if not key.works:
        disabled = key.state == "Disabled"
        what = say("is disabled") if disabled else say("cannot be used: its state is {state}", state=key.state)
        first = ("enable-key",) if disabled else ()
        cause = "kms-key-disabled" if disabled else "kms-key-unusable"
        return (
            _fault(
                cause,
                subject,
                say("The session key {subject} {what}.", subject=subject.name, what=what),
                state,
                (*first, *_ANOTHER),
            ),
        )
    if not key.encrypts:
        summary = say("The session key {subject} is not a symmetric encryption key.", subject=subject.name)
        fact = say("KeySpec is {spec}, KeyUsage is {usage}", spec=key.spec, usage=key.usage)
        return (_fault("kms-key-unusable", subject, summary, fact, _ANOTHER),)
    return ()


def _fault(cause: str, subject: Subject, summary: str, fact: str, fixes: tuple[str, ...]) -> Finding:
    evidence = (Evidence(fact, _SOURCE),)
    return Finding(cause, Status.FAIL, Confidence.PROVED, subject, summary, evidence, fixes)


_CAUSE = "kms-node-denied"


@check(
    link=Link.PREFERENCES,
    causes=(_CAUSE,),
    subject=the_role,
    after=("session-key-is-usable", "session-key-serves-access-requests"),
    without={
        KeyPolicyRequests: "conditions on the request are open without",
        NodeKeyRequest: "conditions on the request are open without",
    },
)
def role_may_decrypt_with_session_key(
    node_role: NodeRole,
    key: Key,
    scope: Scope,
    permissions: KeyPermissions | Unreadable,
    policy: KeyPolicy | Unreadable,
    grants: KeyGrants | Unreadable,
    requests: KeyPolicyRequests | NoFact,
    request: NodeKeyRequest | NoFact,
) -> Findings | OfNode[Findings]:
    """Whether the role of the node is allowed to decrypt with the session key."""
    role, asked = node_role.role, known_request(request)
    answer = permissions if isinstance(permissions, Unreadable) else permissions.answer_to(DECRYPT)

    def found(node: Node | None) -> Findings:
        judged = access(
            answer,
            policy
            if isinstance(policy, Unreadable)
            else evaluate_resource_policy(
                policy.policy,
                say("the key policy"),
                "kms:GetKeyPolicy",
                scope=scope,
                role=role,
                question=Question(DECRYPT, key.arn),
                requests=requests,
                node=node,
                key_request=asked,
                bounded=is_bounded(answer),
            ),
            same_account=key.account == role.account,
            granted=grants
            if isinstance(grants, Unreadable)
            else grants.allow(role.arn, "Decrypt", asked.session, asked.encryption_context),
        )
        return _decrypting(node_role, key, answer, judged)

    return OfNode(found) if isinstance(requests, PolicyRequests) and requests.of_single_nodes else found(None)


def _decrypting(node_role: NodeRole, key: Key, answer: EvaluationResult | Unreadable, judged: Access) -> Findings:
    role = node_role.role
    name = key.arn.rpartition("/")[2]
    if judged.allowed is Truth.YES:
        return ()
    if judged.allowed is Truth.PERHAPS:
        summary = say(
            "Cannot determine whether the role {role} is allowed to decrypt with the session key {name}.",
            role=role.name,
            name=name,
        )
        return (unknown_finding(_CAUSE, the_role(node_role), summary, judged.evidence, judged.needs),)
    grant = "grant-node-key-access" if judged.identity_would_do else None
    denials = (answer,) if isinstance(answer, EvaluationResult) and not answer.allowed else ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.FAIL,
            confidence=judged.confidence,
            subject=the_role(node_role),
            summary=say(
                "The role {role} is not allowed to decrypt with the session key {name}.", role=role.name, name=name
            ),
            evidence=judged.evidence,
            fixes=fixes_for(denials, grant, "clear-session-key"),
        ),
    )


@check(link=Link.PREFERENCES, causes=("kms-key-jit-tag-missing",), subject=the_key, after=("session-key-is-usable",))
def session_key_serves_access_requests(access: JustInTimeAccess, key: Key, tags: KeyTags) -> Findings:
    """Whether the session key has the tag that just-in-time node access requires."""
    value = dict(tags.tags).get(JUST_IN_TIME_KEY_TAG)
    if value == "true":
        return ()
    named = Subject(SubjectKind.KEY, key.arn)
    tagged = (
        say("the key has no tag {tag}", tag=JUST_IN_TIME_KEY_TAG)
        if value is None
        else say("the tag {tag} of the key is {value}, not true", tag=JUST_IN_TIME_KEY_TAG, value=value)
    )
    in_use = say("the Region has the approval policy {policy}", policy=access.policies[0])
    return (
        Finding(
            cause="kms-key-jit-tag-missing",
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=named,
            summary=say(
                "Sessions with an access request cannot use the session key {key}: the required tag is missing.",
                key=named.name,
            ),
            evidence=(Evidence(tagged, "kms:ListResourceTags"), Evidence(in_use, "ssm:ListDocuments")),
            fixes=("tag-key-for-access-requests",),
        ),
    )

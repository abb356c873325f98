"""Fixes of CloudWatch log groups: create and encrypt."""

from __future__ import annotations

import re
from datetime import timedelta

from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import AuthorizationRequest, evaluate_request
from ssmtui.iam_policy.truth import Truth, logical_and
from ssmtui.language import say, translatable
from ssmtui.model.choice import Choices
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.permissions import LogGroupPermissions
from ssmtui.model.plan import JSON, Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan, json_text
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import AccountKey, AccountKeyPolicies, AccountKeys, LogGroup, WantedKey
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import chosen_values
from ssmtui.remediation.plans.storage.candidates import key_choice, key_fault, unusable_key_reason

_CONTEXT = "kms:EncryptionContext:aws:logs:arn"
_NEEDED = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
_GRANTED = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")


def logs_service(scope: Scope) -> str:
    """The principal that CloudWatch Logs of a Region is."""
    return f"logs.{scope.region}.{scope.dns_suffix}"


def admits_logs(scope: Scope, group: LogGroup, key_arn: str, policy: Policy) -> Truth:
    """Whether the policy permits all that CloudWatch Logs does with a key."""
    answer = Truth.YES
    for action in _NEEDED:
        request = AuthorizationRequest(action, key_arn, (logs_service(scope),), {_CONTEXT: (group.arn,)})
        answer = logical_and(answer, evaluate_request((policy,), request).permits)
    return answer


def statement_for_logs(scope: Scope, group: LogGroup) -> str:
    """The statement that a key's policy needs for this log group, as JSON."""
    return json_text(
        {
            "Effect": "Allow",
            "Principal": {"Service": logs_service(scope)},
            "Action": list(_GRANTED),
            "Resource": "*",
            "Condition": {"ArnEquals": {_CONTEXT: group.arn}},
        }
    )


_CREATE_LOG_GROUP = "create-log-group"
_CREATE_STALE = (LogGroup, LogGroupPermissions)

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
_LOG_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")

_CHARGES = translatable(
    "An empty group costs nothing; what sessions log is charged as CloudWatch Logs are, and kept until you delete it."
)
_STILL_CLOSED = translatable(
    "The group has no KMS key of yours, and the preferences allow only encrypted groups: "
    "sessions stay refused until it has one, or until “only encrypted CloudWatch log groups” "
    "is turned off."
)


@fix(slug=_CREATE_LOG_GROUP, stale=_CREATE_STALE)
def create_log_group(
    scope: Scope, preferences: SessionPreferences, group: LogGroup | Absent
) -> Plan | FixNotApplicable:
    """Create it."""
    name = preferences.log_group
    if isinstance(group, LogGroup):
        return FixNotApplicable(_CREATE_LOG_GROUP, say("the log group {name} exists", name=name))
    if not _LOG_GROUP_NAME.fullmatch(name):
        return FixNotApplicable(
            _CREATE_LOG_GROUP,
            say("{name} is no name that a log group can have: the preferences must be corrected", name=name),
        )
    arn = scope.arn("logs", f"log-group:{name}")
    named = {"logGroupName": name}
    still_closed = (say(_STILL_CLOSED),) if preferences.log_group_encrypted_only is EncryptedOnly.ON else ()
    notes = (*still_closed, say(_CHARGES))
    return Plan(
        fix=_CREATE_LOG_GROUP,
        title=say("Create the log group {name}", name=name),
        scope=scope,
        subject=Subject(SubjectKind.LOG_GROUP, arn),
        calls=(Call("logs", "CreateLogGroup", named, "logs:CreateLogGroup", arn),),
        before="",
        after=name,
        guards=(_streams(named, None),),
        way_back=UndoPlan((_streams(named, ""),), (Call("logs", "DeleteLogGroup", named, "logs:DeleteLogGroup", arn),)),
        reach=Reach.REGION,
        undo=say("The log group is deleted, if it is still empty."),
        facts_after=(FactChange(LogGroup, LogGroup(arn, name, None)),),
        stale=_CREATE_STALE,
        delay=say("None that AWS documents."),
        notes=notes,
        confirmation=scope.region,
    )


def _streams(named: dict[str, str], expected: str | None) -> Guard:
    """The group's log streams: none where there is no group, and no line where it is empty."""
    path = "logStreams.*.logStreamName"
    return Guard(say("the log group"), "logs", "DescribeLogStreams", {**named, "limit": 1}, path, expected)


_ENCRYPT_LOG_GROUP = "encrypt-log-group"
_ENCRYPT_STALE = (LogGroup,)

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html
_SETTLES_WITHIN = timedelta(minutes=5)
_DELAY = translatable("Up to five minutes until the key counts.")
_ONLY_NEW = translatable("Only what is logged from then on is encrypted with it; what is there stays as it is.")
_READERS = translatable(
    "Whoever reads these logs needs kms:Decrypt on the key; should it be disabled or deleted, nobody can read them any "
    "longer."
)
_NOT_SEEN = translatable(
    "Whether the key's policy admits {service} could not be told; AWS refuses the key where it does not."
)


@fix(slug=_ENCRYPT_LOG_GROUP, stale=_ENCRYPT_STALE)
def encrypt_log_group(
    scope: Scope,
    group: LogGroup,
    keys: AccountKeys | Unreadable,
    policies: AccountKeyPolicies | Unreadable,
    wanted: WantedKey | Absent | NotApplicable | Unreadable,
    choices: Choices,
) -> Plan | FixNotApplicable:
    """Associate the key that was chosen."""
    read = policies if isinstance(policies, AccountKeyPolicies) else AccountKeyPolicies(())
    choice = key_choice(keys, lambda each: _why_not(scope, group, each, read))
    answer = chosen_values(_ENCRYPT_LOG_GROUP, choices, (choice,))
    if isinstance(answer, FixNotApplicable):
        return answer
    why = unusable_key_reason(scope, wanted)
    if why:
        return FixNotApplicable(
            _ENCRYPT_LOG_GROUP, say("{value} will not do: {why}", value=answer["key"], why=why), (choice,)
        )
    arn = wanted.key.arn if isinstance(wanted, WantedKey) else answer["key"]
    policy = read.of(arn)
    sure = policy is not None and admits_logs(scope, group, arn, policy) is Truth.YES
    doubt = () if sure else (say(_NOT_SEEN, service=logs_service(scope)),)
    return _plan(scope, group, arn, (say(_ONLY_NEW), say(_READERS), *doubt))


def _why_not(scope: Scope, group: LogGroup, candidate: AccountKey, policies: AccountKeyPolicies) -> tuple[str, str]:
    if candidate.key.arn == group.key_arn:
        return say("it is the log group's key now"), ""
    if candidate.of_aws:
        return say("AWS manages it: its policy cannot be made to admit CloudWatch Logs"), ""
    why = key_fault(scope, candidate.key)
    policy = policies.of(candidate.key.arn)
    if why or policy is None or admits_logs(scope, group, candidate.key.arn, policy) is not Truth.NO:
        return why, ""
    return (
        say("its policy does not admit {service}", service=logs_service(scope)),
        statement_for_logs(scope, group),
    )


def _plan(scope: Scope, group: LogGroup, arn: str, notes: tuple[str, ...]) -> Plan:
    before, after = _told(group.name, group.key_arn), _told(group.name, arn)
    back = _associate(group, group.key_arn) if group.key_arn else _disassociate(group)
    return Plan(
        fix=_ENCRYPT_LOG_GROUP,
        title=say("Encrypt the log group {name} with the key {key}", name=group.name, key=arn.rpartition("/")[2]),
        scope=scope,
        subject=Subject(SubjectKind.LOG_GROUP, group.arn),
        calls=(_associate(group, arn),),
        before=before,
        after=after,
        guards=(_guard(group.name, before),),
        way_back=UndoPlan((_guard(group.name, after),), (back,)),
        reach=Reach.REGION,
        undo=say("The log group gets its former key.")
        if group.key_arn
        else say("The key is taken from the log group; what was logged meanwhile stays encrypted with it."),
        facts_after=(FactChange(LogGroup, LogGroup(group.arn, group.name, arn)),),
        stale=_ENCRYPT_STALE,
        delay=say(_DELAY),
        settles_within=_SETTLES_WITHIN,
        notes=notes,
        confirmation=scope.region,
    )


def _associate(group: LogGroup, key_arn: str) -> Call:
    parameters = {"logGroupName": group.name, "kmsKeyId": key_arn}
    return Call("logs", "AssociateKmsKey", parameters, "logs:AssociateKmsKey", group.arn)


def _disassociate(group: LogGroup) -> Call:
    return Call("logs", "DisassociateKmsKey", {"logGroupName": group.name}, "logs:DisassociateKmsKey", group.arn)


def _guard(name: str, expected: str) -> Guard:
    # Groups come sorted by their names (API_DescribeLogGroups): of all that begin with it, the name itself is first.
    parameters: dict[str, JSON] = {"logGroupNamePrefix": name, "limit": 1}
    path = "logGroups.0.logGroupName+kmsKeyId"
    return Guard(say("the log group's key"), "logs", "DescribeLogGroups", parameters, path, expected)


def _told(name: str, key_arn: str | None) -> str:
    return f"logGroupName={name}" + (f" kmsKeyId={key_arn}" if key_arn else "")

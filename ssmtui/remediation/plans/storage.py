"""Fixes of keys and log groups, and the choices of keys, buckets and log groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import AuthorizationRequest, evaluate_request
from ssmtui.iam_policy.truth import Truth, logical_and
from ssmtui.language import say, say_many, translatable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.permissions import LogGroupPermissions
from ssmtui.model.plan import JSON, Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan, json_text
from ssmtui.model.preferences import LOG_BUCKET, LOG_GROUP, SESSION_KEY, EncryptedOnly, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import JUST_IN_TIME_KEY_TAG
from ssmtui.model.storage import (
    AccountKey,
    AccountKeyPolicies,
    AccountKeys,
    Key,
    KeyTags,
    LogGroup,
    WantedBucket,
    WantedKey,
    WantedLogGroup,
)
from ssmtui.remediation.plans.plan_parts import chosen_values
from ssmtui.remediation.plans.registry import Draft, fix


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """The facts about chosen values."""

    key: WantedKey | NoFact
    bucket: WantedBucket | NoFact
    group: WantedLogGroup | NoFact

    def faults(self, scope: Scope, values: Mapping[str, str]) -> Mapping[str, str]:
        """Return why the values are invalid, by the names of their settings."""
        found = {
            SESSION_KEY: unusable_key_reason(scope, self.key),
            LOG_BUCKET: say("this bucket does not exist") if isinstance(self.bucket, Absent) else "",
            LOG_GROUP: say("this log group does not exist: create it first") if isinstance(self.group, Absent) else "",
        }
        return {name: why for name, why in found.items() if why and values.get(name)}

    def notes(self) -> tuple[str, ...]:
        """Return notes about facts that could not be read."""
        notes = []
        if isinstance(self.key, Unreadable) and self.key.action:
            notes.append(
                say("Whether the key is suitable could not be checked (needs {action}).", action=self.key.action)
            )
        if isinstance(self.bucket, Unreadable) and self.bucket.action:
            notes.append(
                say("Whether the bucket exists could not be checked (needs {action}).", action=self.bucket.action)
            )
        if isinstance(self.group, Unreadable) and self.group.action:
            notes.append(
                say("Whether the log group exists could not be checked (needs {action}).", action=self.group.action)
            )
        if isinstance(self.bucket, WantedBucket) and self.bucket.bucket.foreign:
            notes.append(say("The bucket belongs to another account and cannot be read."))
        return tuple(notes)


def unusable_key_reason(scope: Scope, answer: WantedKey | NoFact) -> str:
    """Return why a chosen key cannot encrypt sessions; empty if it can, or if nothing is known."""
    match answer:
        case WantedKey(key=key):
            return key_fault(scope, key)
        case Absent():
            return say("this key does not exist")
        case NotApplicable(why=why):
            return why
        case Unreadable():
            return ""


def key_fault(scope: Scope, key: Key) -> str:
    """Return why a key cannot encrypt sessions of a Region; empty if it can."""
    if key.region != scope.region:
        return say("the key is in another Region")
    if not key.encrypts:
        return say("the key is not a symmetric encryption key ({spec}, {usage})", spec=key.spec, usage=key.usage)
    if not key.works:
        return say("the state of the key is {state}", state=key.state)
    return ""


WhyNot = Callable[[AccountKey], tuple[str, str]]
"""Returns why a key cannot be used, and a text to copy that would make it usable; both are empty if it can."""


def key_choice(keys: AccountKeys | Unreadable, why_not: WhyNot) -> Choice:
    """Return the choice of a key. Keys outside the list are allowed (of another account, or not read)."""
    return Choice("key", say("KMS key"), _candidates(keys, why_not), free=True, note=_note(keys))


def chosen_key(scope: Scope, choice: Choice, wanted: WantedKey | NoFact, choices: Choices) -> str | FixNotApplicable:
    """Return the ARN of the chosen key, or why it cannot be used."""
    answer = chosen_values(choices, (choice,))
    if isinstance(answer, FixNotApplicable):
        return answer
    why = unusable_key_reason(scope, wanted)
    if why:
        return FixNotApplicable("", say("{value} is not possible: {why}", value=answer["key"], why=why), (choice,))
    return wanted.key.arn if isinstance(wanted, WantedKey) else answer["key"]


def _candidates(keys: AccountKeys | Unreadable, why_not: WhyNot) -> tuple[Candidate, ...]:
    if isinstance(keys, Unreadable):
        return ()
    candidates = [_candidate(each, *why_not(each)) for each in keys.keys]
    return tuple(sorted(candidates, key=lambda each: bool(each.why_not)))


def _candidate(key: AccountKey, why_not: str, remedy: str) -> Candidate:
    arn = key.key.arn
    return Candidate(arn, ", ".join(key.aliases), why_not, also=(*key.aliases, arn.rpartition("/")[2]), remedy=remedy)


def _note(keys: AccountKeys | Unreadable) -> str:
    if isinstance(keys, Unreadable):
        needs = keys.action or "kms:ListKeys"
        return say("The keys of the account could not be listed ({action}): enter the ARN of a key.", action=needs)
    if keys.unlooked:
        return say_many("{count} more key could not be read.", "{count} more keys could not be read.", keys.unlooked)
    return ""


STALE = (Key,)
ENABLED, _DISABLED = "Enabled", "Disabled"

_STATE_DELAY = translatable("A few seconds to minutes: KMS is eventually consistent.")
_REACH = translatable("Other data encrypted with this key also becomes readable again.")


def enable_plan(title: str, scope: Scope, key: Key, operations: tuple[str, ...], undo: str) -> Plan:
    """Return the plan that makes these calls, after which the key is enabled. The undo disables it."""
    amid = (_DISABLED,) if len(operations) > 1 else ()
    return Plan(
        title=f"{title} {_id(key)}",
        scope=scope,
        subject=Subject(SubjectKind.KEY, key.arn),
        calls=tuple(_state_call(operation, key) for operation in operations),
        before=key.state,
        after=ENABLED,
        guards=(_state_guard(key, key.state, amid),),
        way_back=UndoPlan((_state_guard(key, ENABLED, amid),), (_state_call("DisableKey", key),)),
        reach=Reach.REGION,
        undo=undo,
        facts_after=(FactChange(Key, replace(key, state=ENABLED, deletion=None), replaces=key),),
        delay=say(_STATE_DELAY),
        notes=(say(_REACH),),
        confirmation=scope.region,
    )


def foreign_key_reason(scope: Scope, key: Key) -> str:
    """Return why the state of another account's key cannot be changed; empty for a key of this account."""
    if key.account == scope.account:
        return ""
    return say(
        "the key belongs to the account {account}, and only that account can change its state", account=key.account
    )


def _state_call(operation: str, key: Key) -> Call:
    return Call("kms", operation, {"KeyId": _id(key)}, f"kms:{operation}", key.arn)


def _state_guard(key: Key, expected: str, amid: tuple[str, ...]) -> Guard:
    which, path = {"KeyId": _id(key)}, "KeyMetadata.KeyState"
    return Guard(say("the key's state"), "kms", "DescribeKey", which, path, expected, amid)


def _id(key: Key) -> str:
    return key.arn.rpartition("/")[2]


# The waiting period is 7 to 30 days from the call, in the console and the API: the old date cannot be restored.
_UNDO = translatable(
    "The key is disabled, so it cannot be used again. Its deletion is not scheduled again, because AWS would restart "
    "the waiting period (at least 7 days). If you still want the deletion, schedule it by hand."
)


@fix(slug="cancel-key-deletion", stale=STALE)
def cancel_key_deletion(scope: Scope, key: Key) -> Draft:
    """Cancel the deletion of the key, which leaves the key disabled, and enable it."""
    pending = (
        ""
        if key.state == "PendingDeletion"
        else say("the key's state is {state}, not PendingDeletion", state=key.state)
    )
    why = foreign_key_reason(scope, key) or pending
    if why:
        return why
    title = say("Cancel the deletion and enable the session key")
    return enable_plan(title, scope, key, ("CancelKeyDeletion", "EnableKey"), say(_UNDO))


@fix(slug="enable-key", stale=STALE)
def enable_key(scope: Scope, key: Key) -> Draft:
    """Enable the key."""
    why = foreign_key_reason(scope, key) or (
        "" if key.state == "Disabled" else say("the key's state is {state}, not Disabled", state=key.state)
    )
    if why:
        return why
    return enable_plan(say("Enable the session key"), scope, key, ("EnableKey",), say("The key is disabled again."))


_VALUE = "true"
_TAG_DELAY = translatable("A few seconds: KMS is eventually consistent.")
_BY_TAG = translatable(
    "If policies grant access to keys by tag, this tag can give their principals access to the key; nothing else "
    "changes."
)


@fix(slug="tag-key-for-access-requests", stale=(KeyTags,))
def tag_key_for_access_requests(scope: Scope, key: Key, held: KeyTags) -> Draft:
    """Tag the key."""
    was = dict(held.tags)
    why = foreign_key_reason(scope, key) or (
        say("the key already has that tag") if was.get(JUST_IN_TIME_KEY_TAG) == _VALUE else ""
    )
    if why:
        return why
    tagged = KeyTags(held.key_arn, tuple(sorted({**was, JUST_IN_TIME_KEY_TAG: _VALUE}.items())))
    before, after = _tag_lines(held), _tag_lines(tagged)
    former = was.get(JUST_IN_TIME_KEY_TAG)
    back = _untag(key, JUST_IN_TIME_KEY_TAG) if former is None else _tag(key, JUST_IN_TIME_KEY_TAG, former)
    return Plan(
        title=say("Tag the session key {key} for just-in-time node access", key=_id(key)),
        scope=scope,
        subject=Subject(SubjectKind.KEY, key.arn),
        calls=(_tag(key, JUST_IN_TIME_KEY_TAG, _VALUE),),
        before=before,
        after=after,
        guards=(_tag_guard(key, before),),
        way_back=UndoPlan((_tag_guard(key, after),), (back,)),
        reach=Reach.REGION,
        undo=say("The tag is removed.") if former is None else say("The tag gets its previous value."),
        facts_after=(FactChange(KeyTags, tagged, replaces=held),),
        delay=say(_TAG_DELAY),
        notes=(say(_BY_TAG),),
        confirmation=scope.region,
    )


def _tag(key: Key, name: str, value: str) -> Call:
    parameters: dict[str, JSON] = {"KeyId": _id(key), "Tags": [{"TagKey": name, "TagValue": value}]}
    return Call("kms", "TagResource", parameters, "kms:TagResource", key.arn)


def _untag(key: Key, name: str) -> Call:
    return Call("kms", "UntagResource", {"KeyId": _id(key), "TagKeys": [name]}, "kms:UntagResource", key.arn)


def _tag_guard(key: Key, expected: str) -> Guard:
    path = "Tags.*.TagKey+TagValue"
    return Guard(say("the key's tags"), "kms", "ListResourceTags", {"KeyId": _id(key)}, path, expected)


def _tag_lines(tags: KeyTags) -> str:
    return "\n".join(sorted(f"TagKey={name} TagValue={value}" for name, value in tags.tags))


_CONTEXT = "kms:EncryptionContext:aws:logs:arn"
_NEEDED = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey")
_GRANTED = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")


def logs_service(scope: Scope) -> str:
    """Return the principal of CloudWatch Logs in a Region."""
    return f"logs.{scope.region}.{scope.dns_suffix}"


def admits_logs(scope: Scope, group: LogGroup, key_arn: str, policy: Policy) -> Truth:
    """Return whether the policy permits everything that CloudWatch Logs does with a key."""
    answer = Truth.YES
    for action in _NEEDED:
        request = AuthorizationRequest(action, key_arn, (logs_service(scope),), {_CONTEXT: (group.arn,)})
        answer = logical_and(answer, evaluate_request((policy,), request).permits)
    return answer


def statement_for_logs(scope: Scope, group: LogGroup) -> str:
    """Return the statement that a key policy needs for this log group, as JSON."""
    return json_text(
        {
            "Effect": "Allow",
            "Principal": {"Service": logs_service(scope)},
            "Action": list(_GRANTED),
            "Resource": "*",
            "Condition": {"ArnEquals": {_CONTEXT: group.arn}},
        }
    )


# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
_LOG_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")

_CHARGES = translatable(
    "An empty group costs nothing. Session logs are charged as CloudWatch Logs, and kept until you delete them."
)
_STILL_CLOSED = translatable(
    "The group has no customer managed KMS key, and the preferences allow only encrypted groups. Sessions stay "
    "refused until the group has a key, or until you turn off “only encrypted CloudWatch log groups”."
)


@fix(slug="create-log-group", stale=(LogGroup, LogGroupPermissions))
def create_log_group(scope: Scope, preferences: SessionPreferences, group: LogGroup | Absent) -> Draft:
    """Create the log group."""
    name = preferences.log_group
    if isinstance(group, LogGroup):
        return say("the log group {name} already exists", name=name)
    if not _LOG_GROUP_NAME.fullmatch(name):
        return say("{name} is not a valid log group name: correct the preferences", name=name)
    arn = scope.arn("logs", f"log-group:{name}")
    named = {"logGroupName": name}
    still_closed = (say(_STILL_CLOSED),) if preferences.log_group_encrypted_only is EncryptedOnly.ON else ()
    notes = (*still_closed, say(_CHARGES))
    return Plan(
        title=say("Create the log group {name}", name=name),
        scope=scope,
        subject=Subject(SubjectKind.LOG_GROUP, arn),
        calls=(Call("logs", "CreateLogGroup", named, "logs:CreateLogGroup", arn),),
        before="",
        after=name,
        guards=(_streams(named, None),),
        way_back=UndoPlan((_streams(named, ""),), (Call("logs", "DeleteLogGroup", named, "logs:DeleteLogGroup", arn),)),
        reach=Reach.REGION,
        undo=say("The log group is deleted if it is still empty."),
        facts_after=(FactChange(LogGroup, LogGroup(arn, name, None)),),
        delay=say("AWS documents no delay."),
        notes=notes,
        confirmation=scope.region,
    )


def _streams(named: dict[str, str], expected: str | None) -> Guard:
    """Return a guard on the log streams of the group: None if there is no group, an empty text if it has no streams."""
    path = "logStreams.*.logStreamName"
    return Guard(say("the log group"), "logs", "DescribeLogStreams", {**named, "limit": 1}, path, expected)


# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html
_SETTLES_WITHIN = timedelta(minutes=5)
_DELAY = translatable("Up to five minutes until the key is in effect.")
_ONLY_NEW = translatable("Only new log data is encrypted with the key; existing data is not changed.")
_READERS = translatable(
    "Reading these logs then requires kms:Decrypt on the key. If the key is disabled or deleted, the logs become "
    "unreadable."
)
_NOT_SEEN = translatable(
    "Whether the key policy allows {service} could not be determined. If it does not, AWS refuses the key."
)


@fix(slug="encrypt-log-group", stale=(LogGroup,))
def encrypt_log_group(
    scope: Scope,
    group: LogGroup,
    keys: AccountKeys | Unreadable,
    policies: AccountKeyPolicies | Unreadable,
    wanted: WantedKey | NoFact,
    choices: Choices,
) -> Draft:
    """Associate the chosen key."""
    read = policies if isinstance(policies, AccountKeyPolicies) else AccountKeyPolicies(())
    choice = key_choice(keys, lambda each: _why_not(scope, group, each, read))
    arn = chosen_key(scope, choice, wanted, choices)
    if isinstance(arn, FixNotApplicable):
        return arn
    policy = read.of(arn)
    sure = policy is not None and admits_logs(scope, group, arn, policy) is Truth.YES
    doubt = () if sure else (say(_NOT_SEEN, service=logs_service(scope)),)
    return _encryption_plan(scope, group, arn, (say(_ONLY_NEW), say(_READERS), *doubt))


def _why_not(scope: Scope, group: LogGroup, candidate: AccountKey, policies: AccountKeyPolicies) -> tuple[str, str]:
    if candidate.key.arn == group.key_arn:
        return say("the log group already has this key"), ""
    if candidate.of_aws:
        return say("AWS manages this key: its policy cannot be changed to allow CloudWatch Logs"), ""
    why = key_fault(scope, candidate.key)
    policy = policies.of(candidate.key.arn)
    if why or policy is None or admits_logs(scope, group, candidate.key.arn, policy) is not Truth.NO:
        return why, ""
    return (
        say("the key policy does not allow {service}", service=logs_service(scope)),
        statement_for_logs(scope, group),
    )


def _encryption_plan(scope: Scope, group: LogGroup, arn: str, notes: tuple[str, ...]) -> Plan:
    before, after = _key_line(group.name, group.key_arn), _key_line(group.name, arn)
    back = _associate(group, group.key_arn) if group.key_arn else _disassociate(group)
    return Plan(
        title=say("Encrypt the log group {name} with the key {key}", name=group.name, key=arn.rpartition("/")[2]),
        scope=scope,
        subject=Subject(SubjectKind.LOG_GROUP, group.arn),
        calls=(_associate(group, arn),),
        before=before,
        after=after,
        guards=(_group_key_guard(group.name, before),),
        way_back=UndoPlan((_group_key_guard(group.name, after),), (back,)),
        reach=Reach.REGION,
        undo=say("The log group gets its previous key.")
        if group.key_arn
        else say(
            "The key is removed from the log group; data that was logged in the meantime stays encrypted with it."
        ),
        facts_after=(FactChange(LogGroup, LogGroup(group.arn, group.name, arn)),),
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


def _group_key_guard(name: str, expected: str) -> Guard:
    # Groups are sorted by name (API_DescribeLogGroups): among all groups with this prefix, the exact name is first.
    parameters: dict[str, JSON] = {"logGroupNamePrefix": name, "limit": 1}
    path = "logGroups.0.logGroupName+kmsKeyId"
    return Guard(say("the log group's key"), "logs", "DescribeLogGroups", parameters, path, expected)


def _key_line(name: str, key_arn: str | None) -> str:
    return f"logGroupName={name}" + (f" kmsKeyId={key_arn}" if key_arn else "")

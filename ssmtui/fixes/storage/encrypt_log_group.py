"""`encrypt-log-group`: the log group gets a KMS key, one whose policy admits CloudWatch Logs of the Region."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.fixes.frame.choosing import chosen
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.storage.key_candidates import key_choice
from ssmtui.fixes.storage.logs_admission import admits_logs, logs_service, statement_for_logs
from ssmtui.fixes.storage.wanted_faults import why_key_will_not_do, why_no_key
from ssmtui.language import marked, say
from ssmtui.model.account_keys import AccountKey, AccountKeyPolicies, AccountKeys
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.choice import Choices
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.policy_reading import Truth
from ssmtui.model.scope import Scope
from ssmtui.model.storage import LogGroup
from ssmtui.model.subject import Subject, SubjectKind
from ssmtui.model.wanted import WantedKey

_SLUG = "encrypt-log-group"
_STALE = (LogGroup,)

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html
_SETTLES_WITHIN = timedelta(minutes=5)
_DELAY = marked("Up to five minutes until the key counts.")
_ONLY_NEW = marked("Only what is logged from then on is encrypted with it; what is there stays as it is.")
_READERS = marked(
    "Whoever reads these logs needs kms:Decrypt on the key; should it be disabled or deleted, nobody can read them any "
    "longer."
)
_NOT_SEEN = marked(
    "Whether the key's policy admits {service} could not be told; AWS refuses the key where it does not."
)


@fix(slug=_SLUG, stale=_STALE)
def encrypt_log_group(
    scope: Scope,
    group: LogGroup,
    keys: AccountKeys | Unreadable,
    policies: AccountKeyPolicies | Unreadable,
    wanted: WantedKey | Absent | Moot | Unreadable,
    choices: Choices,
) -> Plan | NotApplicable:
    """Associate the key that was chosen."""
    read = policies if isinstance(policies, AccountKeyPolicies) else AccountKeyPolicies(())
    choice = key_choice(keys, lambda each: _why_not(scope, group, each, read))
    answer = chosen(_SLUG, choices, (choice,))
    if isinstance(answer, NotApplicable):
        return answer
    why = why_no_key(scope, wanted)
    if why:
        return NotApplicable(_SLUG, say("{value} will not do: {why}", value=answer["key"], why=why), (choice,))
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
    why = why_key_will_not_do(scope, candidate.key)
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
        fix=_SLUG,
        title=say("Encrypt the log group {name} with the key {key}", name=group.name, key=arn.rpartition("/")[2]),
        scope=scope,
        subject=Subject(SubjectKind.LOG_GROUP, group.arn),
        calls=(_associate(group, arn),),
        before=before,
        after=after,
        guards=(_guard(group.name, before),),
        way_back=WayBack((_guard(group.name, after),), (back,)),
        reach=Reach.REGION,
        undo=say("The log group gets its former key.")
        if group.key_arn
        else say("The key is taken from the log group; what was logged meanwhile stays encrypted with it."),
        facts_after=(FactChange(LogGroup, LogGroup(group.arn, group.name, arn)),),
        stale=_STALE,
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

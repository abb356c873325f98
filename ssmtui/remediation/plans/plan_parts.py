"""Shared parts of fixes: choices, delays, guards, service settings, and the caller's permissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ssmtui.language import say
from ssmtui.model.choice import Choice, Choices
from ssmtui.model.fact import NoFact, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.node import Instance, Node, PlatformFamily
from ssmtui.model.node_facts import ManagedFleet, Observation
from ssmtui.model.permissions import CallerPreferencesPermissions, Decision, EvaluationResult, Question
from ssmtui.model.plan import (
    Call,
    FixNotApplicable,
    Form,
    Guard,
    Ownership,
    Plan,
    PlannedCalls,
    PlanPermissions,
    RequiredPermission,
)
from ssmtui.text.printable import printable


def chosen_values(choices: Choices, wanted: Sequence[Choice]) -> Mapping[str, str] | FixNotApplicable:
    """Return the chosen values by name, as in the candidates, or why they are invalid, with the possible choices.

    Optional names can be missing. No choices are offered if a required name has no possible value.
    """
    why = _why_not(choices, wanted)
    if why:
        offered = () if any(_has_nothing(each) for each in wanted) else tuple(wanted)
        return FixNotApplicable("", why, offered)
    given = ((each, choices.get(each.name)) for each in wanted)
    return {each.name: _value(each, text) for each, text in given if text is not None}


def _why_not(choices: Choices, wanted: Sequence[Choice]) -> str:
    known = {each.name for each in wanted}
    unknown = next((name for name in choices.names if name not in known), None)
    if unknown is not None:
        return say("{name} is not an option of this fix", name=unknown)
    for each in wanted:
        text = choices.get(each.name)
        if not text and not each.optional:
            return _why_needed(each)
        if text is None:
            continue
        found = each.candidate(text)
        if found is not None and found.why_not:
            return say("{value} is not possible: {why}", value=text, why=found.why_not)
        if found is None and not each.free:
            return say("{value} is not a valid value for {name}", value=text, name=each.name)
    return ""


def _why_needed(choice: Choice) -> str:
    if _has_nothing(choice):
        return choice.note or say("no {what} in this account", what=choice.meaning)
    if not choice.free and all(each.why_not for each in choice.candidates):
        return say("no suitable {what} in this account", what=choice.meaning)
    return say("{name}=… is required: {what}", name=choice.name, what=choice.meaning)


def _has_nothing(choice: Choice) -> bool:
    """Return whether a value is required but none is possible."""
    return not (choice.candidates or choice.free or choice.optional)


def _value(choice: Choice, text: str) -> str:
    found = choice.candidate(text)
    return found.value if found is not None else text


# docs/facts/nodes.md §6: the credential refresher sleeps 25 to 30 minutes after AccessDeniedException.
CREDENTIALS_REFUSED = timedelta(minutes=30)
"""Maximum delay until an agent that was refused or got no credentials asks again."""

# docs/facts/nodes.md §6, §9: after other errors, and without a connection to AWS, 5 minutes that grow to an hour.
NO_WAY_TO_AWS = timedelta(hours=1)
"""Maximum delay until an agent without a connection to AWS or the metadata service tries again."""

# docs/facts/nodes.md §1: an agent reports at its start and then every five minutes.
FIRST_REPORT = timedelta(minutes=5)
"""Maximum delay until a started agent has reported."""


INSTANCE_FACTS = (Node, Observation, ManagedFleet)
"""The facts to read again after an instance has changed: the instances and the managed nodes."""


def own_instance(node: Node) -> Instance | str:
    """Return the instance of a node if its account can change its settings, else why it cannot."""
    if not isinstance(node.instance, Instance):
        return say("{node} is not a known EC2 instance", node=node.name)
    if node.service is not None:
        return say(
            "{service} manages {node}: AWS does not allow you to change its settings",
            service=node.service or say("an AWS service"),
            node=node.name,
        )
    return node.instance


def instance_guard(instance: Instance, name: str, path: str, expected: str) -> Guard:
    """Return a guard on a value of the instance in EC2; `path` is relative to the instance."""
    which = {"InstanceIds": [instance.id]}
    return Guard(name, "ec2", "DescribeInstances", which, f"Reservations.0.Instances.0.{path}", expected)


def with_ownership_warning(plan: Plan, found: Ownership | NoFact) -> Plan:
    """Add an ownership warning before the notes of the plan, or a doubt after them if the tags could not be read."""
    if isinstance(found, Unreadable):
        would_tell = say(" (needs {action})", action=found.action) if found.action else ""
        doubt = say(
            "Whether CloudFormation, Terraform or CDK manages the resource could not be checked{would_tell}.",
            would_tell=would_tell,
        )
        return replace(plan, notes=(*plan.notes, doubt))
    if not isinstance(found, Ownership) or not found.tool:
        return plan
    warning = say(
        "{tool} manages the resource (tag {tag}): make the change there too. Otherwise the next run can revert it.",
        tool=found.tool,
        tag=printable(found.tag),
    )
    return replace(plan, notes=(warning, *plan.notes))


RESTART_BY_HAND: Final[Mapping[PlatformFamily, tuple[str, Form]]] = {
    PlatformFamily.LINUX: ("sudo systemctl restart amazon-ssm-agent || sudo snap restart amazon-ssm-agent", Form.SHELL),
    PlatformFamily.MACOS: ("sudo launchctl kickstart -k system/com.amazon.aws.ssm", Form.SHELL),
    PlatformFamily.WINDOWS: ("Restart-Service AmazonSSMAgent", Form.POWERSHELL),
}


_UPDATE, _RESET = "ssm:UpdateServiceSetting", "ssm:ResetServiceSetting"


def setting_id(arn: str) -> str:
    """Return the setting ID for the API: the end of its ARN."""
    return arn.partition(":servicesetting")[2] or arn


def updated(arn: str, value: str, *besides: RequiredPermission) -> Call:
    """Return the call that sets a setting. `besides` are additional permissions that AWS requires."""
    parameters = {"SettingId": setting_id(arn), "SettingValue": value}
    return Call("ssm", "UpdateServiceSetting", parameters, _UPDATE, arn, besides=besides)


def reset(arn: str) -> Call:
    """Return the call that resets a setting to its default."""
    return Call("ssm", "ResetServiceSetting", {"SettingId": setting_id(arn)}, _RESET, arn)


def setting_guard(arn: str, expected: str) -> Guard:
    """Return a guard on the value of a setting."""
    which = {"SettingId": setting_id(arn)}
    return Guard(say("the service setting"), "ssm", "GetServiceSetting", which, "ServiceSetting.SettingValue", expected)


CallerRights = CallerPreferencesPermissions | NoFact


@dataclass(frozen=True, slots=True)
class Rights:
    """What is known of the caller's permissions on the preferences document."""

    caller: CallerRights

    def forbidden(self, action: str) -> EvaluationResult | None:
        """Return the denial if it is certain that AWS would refuse the call."""
        denial = self._denial(action)
        return denial if denial is not None and denial.confidence is Confidence.PROVED else None

    def notes(self, *actions: str) -> tuple[str, ...]:
        """Return sentences about the uncertain permissions for these actions."""
        if isinstance(self.caller, Unreadable):
            needs = say(" (needs {action})", action=self.caller.action) if self.caller.action else ""
            return (say("Whether you are allowed to make this change could not be checked{needs}.", needs=needs),)
        doubtful = [denial for action in actions if (denial := self._denial(action)) and not self.forbidden(action)]
        return tuple(
            say("AWS may refuse {action}: {who} seems to deny it.", action=each.question.action, who=_who(each))
            for each in doubtful
        )

    def _denial(self, action: str) -> EvaluationResult | None:
        if not isinstance(self.caller, CallerPreferencesPermissions):
            return None
        return next(iter(self.caller.denied(action)), None)


def denial_text(denial: EvaluationResult) -> str:
    """Return a denial as a reason: `you are not allowed ssm:UpdateDocument on …`."""
    how = say("explicitly denied") if denial.decision is Decision.EXPLICIT_DENY else say("not allowed")
    return say(
        "you are not allowed to use {action} on the preferences document: {how} by {who}",
        action=denial.question.action,
        how=how,
        who=_who(denial),
    )


def _who(denial: EvaluationResult) -> str:
    return denial.denier.value if denial.denier is not None else say("your policies")


def permission_questions(plan: Plan) -> PlannedCalls:
    """Return one question for each action and resource of the plan. Calls that are not essential are left out."""
    asked = (each for call in plan.calls if not call.without for each in call.needed)
    return PlannedCalls(tuple(dict.fromkeys(Question(each.action, each.resource, each.context) for each in asked)))


def with_missing_permissions(plan: Plan, found: PlanPermissions | NoFact) -> Plan:
    """Add the certainly missing permissions to the plan, and notes about possible refusals and unknown permissions."""
    if isinstance(found, Unreadable):
        needs = say(" (needs {action})", action=found.action) if found.action else ""
        note = say("Whether you are allowed to make this change could not be checked{needs}.", needs=needs)
        return plan if note in plan.notes else replace(plan, notes=(*plan.notes, note))
    if not isinstance(found, PlanPermissions):
        return plan
    denied = found.denied()
    sure = dict.fromkeys(each.question.action for each in denied if each.confidence is Confidence.PROVED)
    doubtful = dict.fromkeys(each.question.action for each in denied if each.question.action not in sure)
    notes = tuple(
        say("AWS may refuse {action}: a policy that could not be fully evaluated seems to deny it.", action=action)
        for action in doubtful
        if not any(action in note for note in plan.notes)
    )
    return replace(plan, lacks=tuple(sure), notes=(*plan.notes, *notes))

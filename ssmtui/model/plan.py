"""Plans of fixes as data, and the facts about a plan: permissions, owner, delay, and simulated policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from ssmtui.language import translatable
from ssmtui.model.choice import NOTHING_CHOSEN, Choice, Choices
from ssmtui.model.finding import Subject
from ssmtui.model.node import NodeKey
from ssmtui.model.permissions import EvaluationResult, Permissions, Question
from ssmtui.model.scope import Scope

_SAFE_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


class Form(Enum):
    """The language of a text to copy; the value is its name in Markdown."""

    SHELL = "sh"
    POWERSHELL = "powershell"
    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Step:
    """A step: an instruction in words, and a text to copy, if any."""

    text: str
    copy: str = ""
    form: Form = Form.SHELL


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps instead of a fix. `fix` is their slug; ssmtui never carries them out."""

    fix: str
    title: str
    steps: tuple[Step, ...]

    @property
    def copies(self) -> tuple[str, ...]:
        """Return all texts to copy, in order."""
        return tuple(each.copy for each in self.steps if each.copy)


def shell_word(value: str, placeholder: str) -> str:
    """Return a value from AWS as one word of bash or PowerShell, or the placeholder if it is not a plain word."""
    return value if _SAFE_WORD.fullmatch(value) and not value.startswith("-") else placeholder


JSON = None | bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"]


def json_text(value: JSON) -> str:
    """Return a value as plans show it and guards compare it: indented JSON with the members in order."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class AnswerReference:
    """A parameter whose value comes from the answer of an earlier call in the same list.

    `call` counts from 0; `path` leads to the value (`DocumentDescription.DocumentVersion`).
    """

    call: int
    path: str


@dataclass(frozen=True, slots=True)
class GuardReference:
    """A parameter whose value is read by a guard just before the change, so that both use the same value."""

    guard: int
    path: str


Parameter = JSON | AnswerReference | GuardReference | list[AnswerReference | GuardReference]


@dataclass(frozen=True, slots=True)
class RequiredPermission:
    """An IAM action, its resource ARN, and the condition keys that the call always has."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """An API call: botocore's service name, the operation, the parameters. `action` is the IAM action that it needs.

    `besides` are additional actions that AWS requires, on their own resources (`iam:PassRole`). `without` says what a
    refusal of this call means if the change does not depend on it; empty if it does. `context` are additional condition
    keys of the call.
    """

    service: str
    operation: str
    parameters: Mapping[str, Parameter]
    action: str
    resource: str
    without: str = ""
    besides: tuple[RequiredPermission, ...] = ()
    context: tuple[tuple[str, str], ...] = ()

    @property
    def needed(self) -> tuple[RequiredPermission, ...]:
        """Return all permissions that the call needs."""
        policy = self.parameters.get("PolicyArn") if self.service == "iam" else None
        context = (("iam:PolicyARN", policy),) if isinstance(policy, str) else ()
        return (RequiredPermission(self.action, self.resource, (*context, *self.context)), *self.besides)

    @property
    def takes(self) -> tuple[AnswerReference | GuardReference, ...]:
        """Return the references to other answers and to guards in the parameters."""
        values = (value if isinstance(value, list | tuple) else (value,) for value in self.parameters.values())
        return tuple(each for row in values for each in row if isinstance(each, AnswerReference | GuardReference))


def pass_role_permission(role_arn: str, service: str) -> RequiredPermission:
    """Return the permission to pass a role to a service (`ec2.amazonaws.com`).

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    return RequiredPermission("iam:PassRole", role_arn, (("iam:PassedToService", service),))


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that must still hold when the change is made: a read, and its expected text.

    `name` says what is compared (`the newest version`). `path` leads to the text in the answer; `expected` is None if
    the thing must not exist. A mismatch means that somebody else changed it, or that the change was partly made: `amid`
    are the texts between the calls of the change.
    """

    name: str
    service: str
    operation: str
    parameters: Mapping[str, JSON]
    path: str
    expected: str | None
    amid: tuple[str, ...] = ()

    def holds(self, found: str | None) -> bool:
        """Return whether the text is as expected.

        White space at the end is ignored, because a change can add it (`after`).
        """
        if found is None or self.expected is None:
            return found is self.expected
        return found.rstrip() == self.expected.rstrip()


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The undo of a change: the guards check that nobody has changed the resource since, the calls restore it."""

    guards: tuple[Guard, ...]
    calls: tuple[Call, ...]


class Reach(Enum):
    """The extent of a change, which determines the confirmation."""

    NODE = translatable("one node")
    SUBJECT = translatable("all nodes of one resource")
    REGION = translatable("all nodes and users of the Region")


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact after the change: its type and its new value.

    `replaces` is the old value, if only one of several subjects changes (the permissions of one role); None replaces
    every value of that type. `node` is the node of the fact, if other nodes can have an equal value.
    """

    kind: type
    value: object
    replaces: object = None
    node: NodeKey | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that can be previewed, applied and undone.

    `before` and `after` are the texts for the diff; if AWS refuses a text that it had before, white space is added at
    its end. `loses` says in a sentence which security or logging is lost, and `costs` what AWS charges; both can be
    empty. `notes` are sentences to show before the change.

    `delay` says how long AWS takes until the effect shows, and `settles_within` is the longest documented delay: None
    if there is none. `awaited_by` are the IDs of the nodes that the forecast expects to improve: the journal stores
    them for the delay. `undo` describes `way_back` in words. `facts_after` are the facts for the forecast, and `stale`
    the kinds of fact to read again after the change.

    `confirmation` is the word to type if the change affects a Region or AWS charges for it, else empty. `lacks` are the
    IAM actions that IAM denies to the caller. `nodes_reached` is the number of affected nodes, as far as they are
    listed; None if they were not counted, or only requested nodes are listed.

    `finding_id` is the finding that the plan was made for, if any, and `choices` are the choices of a person: a redo
    plans with them again. Plans that differ only in these are the same change.
    """

    title: str
    scope: Scope
    subject: Subject
    calls: tuple[Call, ...]
    before: str
    after: str
    guards: tuple[Guard, ...]
    way_back: UndoPlan
    reach: Reach
    undo: str
    facts_after: tuple[FactChange, ...]
    fix: str = ""
    stale: tuple[type, ...] = ()
    loses: str = ""
    costs: str = ""
    delay: str = ""
    settles_within: timedelta | None = None
    awaited_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    confirmation: str = ""
    lacks: tuple[str, ...] = ()
    nodes_reached: int | None = None
    finding_id: str = field(default="", compare=False)
    choices: Choices = field(default=NOTHING_CHOSEN, compare=False)

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the needed IAM actions without repetitions, in the order of the calls."""
        return tuple(dict.fromkeys(each.action for call in self.calls for each in call.needed))


@dataclass(frozen=True, slots=True)
class FixNotApplicable:
    """A fix that cannot be made here, with the reason.

    `choices` are what a person must choose before there is a plan; empty if that would not help. `steps` are the steps
    by hand instead: None unless steps were requested.
    """

    fix: str
    why: str
    choices: tuple[Choice, ...] = ()
    steps: Steps | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The results of the checks on the facts after a change.

    The fields have node IDs by expected result; `new_findings` are findings that only the change causes. `await_agent`
    are nodes that are then only waiting for their SSM Agent to come back.
    """

    turn_green: tuple[str, ...]
    turn_warn: tuple[str, ...]
    turn_worse: tuple[str, ...]
    stay_red: tuple[str, ...]
    new_findings: tuple[str, ...]
    await_agent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedCalls:
    """The permission questions of a plan: a fact from the planner itself."""

    questions: tuple[Question, ...]


class PlanPermissions(Permissions):
    """What the caller can do of a plan's calls."""

    __slots__ = ()


_STACK = "aws:cloudformation:stack-name"
_CDK_KEYS = ("aws:cdk", "aws-cdk:")
_WHO_KEYS = frozenset({"managedby", "createdby", "provisionedby", "deployedby", "provisioner", "tool", "iac"})
_TOOLS = {
    "terraform": "Terraform",
    "opentofu": "OpenTofu",
    "terragrunt": "Terraform",
    "cloudformation": "CloudFormation",
    "cdk": "CDK",
    "pulumi": "Pulumi",
}


@dataclass(frozen=True, slots=True)
class ChangedSubject:
    """The subject that a plan changes: a fact from the planner itself."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class Ownership:
    """The tool that owns a resource, by its usual name, and the tag that shows it; both empty if no tag does."""

    tool: str = ""
    tag: str = ""


def owner_from_tags(tags: Iterable[tuple[str, str]]) -> Ownership:
    """Return the owner from tags.

    CloudFormation tags its resources itself; CDK deploys with CloudFormation and tags some resources. Terraform adds no
    tags by itself: `ManagedBy=terraform` and similar tags are conventions.
    """
    held = sorted(tags)
    for key, value in held:
        if key.lower().startswith(_CDK_KEYS):
            return Ownership("CDK", f"{key}={value}")
    for key, value in held:
        if key == _STACK:
            return Ownership("CloudFormation", f"{key}={value}")
    for key, value in held:
        tool = _tool_in(key, value)
        if tool:
            return Ownership(tool, f"{key}={value}")
    return Ownership()


def _tool_in(key: str, value: str) -> str:
    plain = "".join(character for character in key.rpartition(":")[2].lower() if character.isalnum())
    if plain in _WHO_KEYS:
        said = value.lower()
        return next((tool for word, tool in _TOOLS.items() if word in said), "")
    return "Terraform" if key.lower().startswith("terraform") else ""


@dataclass(frozen=True, slots=True)
class ChangeDelay:
    """The delay of a change: its fix, its title, when it was made, and when the longest documented delay ends.

    `change` is the journal's ID of the change, or empty.
    """

    fix: str
    title: str
    made: datetime
    until: datetime
    change: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """A current delay, and the nodes on which the effect of the change must still show."""

    nodes: tuple[NodeKey, ...]
    delay: ChangeDelay


def delay_of(plan: Plan, made: datetime, change: str = "") -> ChangeDelay | None:
    """Return the delay of a plan that was made at this time; None if no delay is documented."""
    if plan.settles_within is None:
        return None
    return ChangeDelay(plan.fix, plan.title, made, made + plan.settles_within, change)


def awaited_nodes(plan: Plan, forecast: Forecast) -> tuple[NodeKey, ...]:
    """Return the nodes that a change should fix, at once or when their agent is back."""
    ids = (*forecast.turn_green, *forecast.await_agent, *forecast.turn_warn)
    return tuple(NodeKey(plan.scope.account, plan.scope.region, id_) for id_ in dict.fromkeys(ids))


@dataclass(frozen=True, slots=True)
class Supposition:
    """Questions about a principal with additional policies: inline documents, and ARNs of managed policies."""

    principal: str
    questions: tuple[Question, ...]
    documents: tuple[str, ...]
    arns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupposedAnswers:
    """IAM's answers."""

    answers: tuple[EvaluationResult, ...]

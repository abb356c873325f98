"""Plans of fixes as data, and the facts about a plan: permissions, owner, delay, and simulated policies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from ssmtui.language import translatable
from ssmtui.model.choice import Choice
from ssmtui.model.finding import Subject
from ssmtui.model.node import NodeKey
from ssmtui.model.permissions import EvaluationResult, Permissions, Question
from ssmtui.model.scope import Scope

_SAFE_WORD = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


class Form(Enum):
    """What a text that can be copied is written in; the value is the language that Markdown calls it by."""

    SHELL = "sh"
    POWERSHELL = "powershell"
    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, in words, and a text to copy where there is one."""

    text: str
    copy: str = ""
    form: Form = Form.SHELL


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that stand in a fix's place. `fix` is their slug; nothing of them is ever carried out by ssmtui."""

    fix: str
    title: str
    steps: tuple[Step, ...]

    @property
    def copies(self) -> tuple[str, ...]:
        """All that can be copied, in order."""
        return tuple(each.copy for each in self.steps if each.copy)


def shell_word(value: str, placeholder: str) -> str:
    """A value of AWS's as one word of bash or PowerShell; the placeholder, where it is anything but a plain word."""
    return value if _SAFE_WORD.fullmatch(value) and not value.startswith("-") else placeholder


JSON = None | bool | int | float | str | Sequence["JSON"] | Mapping[str, "JSON"]


def json_text(value: JSON) -> str:
    """A value as the text that plans show and guards compare: indented JSON, in the order of its members."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class AnswerReference:
    """A parameter that is known only once an earlier call of the same row has been answered.

    `call` counts from 0; `path` leads to the value (`DocumentDescription.DocumentVersion`).
    """

    call: int
    path: str


@dataclass(frozen=True, slots=True)
class GuardReference:
    """A parameter that is taken from what a guard read just before the change, so that the two cannot differ."""

    guard: int
    path: str


Parameter = JSON | AnswerReference | GuardReference | list[AnswerReference | GuardReference]


@dataclass(frozen=True, slots=True)
class RequiredPermission:
    """An IAM action, the ARN that it is judged on, and the condition keys that the call has by itself."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: botocore's service name, the operation, its parameters. `action` is the IAM action it needs.

    `besides` are further actions that AWS asks for, on resources of their own (`iam:PassRole`). `without` says what it
    means that AWS does not make this one call: the change stands without it. Empty where the change would not stand.
    `context` are the condition keys that it is judged by besides.
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
        """All that it takes to be allowed to make the call."""
        policy = self.parameters.get("PolicyArn") if self.service == "iam" else None
        context = (("iam:PolicyARN", policy),) if isinstance(policy, str) else ()
        return (RequiredPermission(self.action, self.resource, (*context, *self.context)), *self.besides)

    @property
    def takes(self) -> tuple[AnswerReference | GuardReference, ...]:
        """What its parameters take from the answers to other calls and to guards."""
        values = (value if isinstance(value, list | tuple) else (value,) for value in self.parameters.values())
        return tuple(each for row in values for each in row if isinstance(each, AnswerReference | GuardReference))


def pass_role_permission(role_arn: str, service: str) -> RequiredPermission:
    """The right to hand a role to a service (`ec2.amazonaws.com`).

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    return RequiredPermission("iam:PassRole", role_arn, (("iam:PassedToService", service),))


@dataclass(frozen=True, slots=True)
class Guard:
    """What must still be so when the change is made: a read, and the text that it must still answer with.

    `name` says what is compared (`the newest version`). `path` leads to the text in the answer; `expected` is None
    where there must be no such thing. A mismatch means that somebody else was here, or that a change was made in part:
    `amid` are the texts that it answers with between the calls of the change.
    """

    name: str
    service: str
    operation: str
    parameters: Mapping[str, JSON]
    path: str
    expected: str | None
    amid: tuple[str, ...] = ()

    def holds(self, found: str | None) -> bool:
        """Whether that is what is expected. White space at the end says nothing, and AWS asks for it (`after`)."""
        if found is None or self.expected is None:
            return found is self.expected
        return found.rstrip() == self.expected.rstrip()


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """How a change is taken back: the guards say that nobody has changed the thing since, the calls restore it."""

    guards: tuple[Guard, ...]
    calls: tuple[Call, ...]


class Reach(Enum):
    """How far a change goes, and so how deliberate its confirmation must be."""

    NODE = translatable("one node")
    SUBJECT = translatable("every node of one subject")
    REGION = translatable("every node and user of the Region")


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact as it would be after the change: its type, and the value that takes its place.

    `replaces` is the value that it stands in for, where only one of several subjects is concerned (the permissions of
    one role); None where every value of that type gives way. `node` is whose fact it is, where the same value may be
    found of other nodes too.
    """

    kind: type
    value: object
    replaces: object = None
    node: NodeKey | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that can be read, applied and taken back.

    `before` and `after` are the texts of the thing that changes, for the diff; where AWS refuses a text that it had
    before, white space is added at the end of it. `loses` says in one sentence what security or logging is given up,
    and `costs` what AWS charges; both empty where nothing is. `notes` are sentences to know before. `delay` says how
    long AWS takes to show it, and `settles_within` counts the longest that is documented: None where nothing is, or it
    shows at once. `awaited_by` are the ids of the nodes that it is to get going, once somebody has forecast that: the
    journal keeps them with the delay. `undo` says in words what `way_back` does. `facts_after` is what the forecast
    judges by, and `stale` the kinds of fact that must be read again afterwards. `confirmation` is the word to type
    where the reach is a Region or AWS charges, else empty. `lacks` are the IAM actions that the caller is not allowed,
    by IAM's own word. `nodes_reached` counts the nodes that it reaches, as far as they are seen; None where nobody
    counted.
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

    @property
    def actions(self) -> tuple[str, ...]:
        """The IAM actions that it takes, each once, in the order of the calls."""
        return tuple(dict.fromkeys(each.action for call in self.calls for each in call.needed))


@dataclass(frozen=True, slots=True)
class FixNotApplicable:
    """A fix that cannot be made here, and why in words.

    `choices` are what a person must say before there is a plan; none where that would not help. `steps` are what a
    person does by hand instead: None where it is no such list that was asked for.
    """

    fix: str
    why: str
    choices: tuple[Choice, ...] = ()
    steps: Steps | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the checks say of the facts as they would be after a change.

    Node ids by what becomes of them; `new_findings` names what only the change brings about. `await_agent` are nodes
    that nothing keeps red after it but that their SSM Agent has not come back yet.
    """

    turn_green: tuple[str, ...]
    turn_warn: tuple[str, ...]
    turn_worse: tuple[str, ...]
    stay_red: tuple[str, ...]
    new_findings: tuple[str, ...]
    await_agent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedCalls:
    """The questions about the calls of a plan: a fact that the planner itself tells."""

    questions: tuple[Question, ...]


class PlanPermissions(Permissions):
    """What the caller may do of a plan's calls."""

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
    """What a plan changes: a fact that the planner itself tells."""

    subject: Subject


@dataclass(frozen=True, slots=True)
class Ownership:
    """The tool that owns a resource, as people call it, and the tag that says so; both empty where no tag does."""

    tool: str = ""
    tag: str = ""


def owner_from_tags(tags: Iterable[tuple[str, str]]) -> Ownership:
    """The owner that tags name.

    CloudFormation tags what it makes itself; CDK deploys by CloudFormation and tags some of it. Terraform tags nothing
    by itself: `ManagedBy=terraform` and its like are a convention.
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
    """The fix that was made, what it is called, when, and when the longest documented delay has passed.

    `change` is the journal's name for it: empty where it is not known.
    """

    fix: str
    title: str
    made: datetime
    until: datetime
    change: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """A delay that runs, and the nodes that the change has yet to show on."""

    nodes: tuple[NodeKey, ...]
    delay: ChangeDelay


def delay_of(plan: Plan, made: datetime, change: str = "") -> ChangeDelay | None:
    """How long a plan that was made then takes to show; None where no delay is documented."""
    if plan.settles_within is None:
        return None
    return ChangeDelay(plan.fix, plan.title, made, made + plan.settles_within, change)


def awaited_nodes(plan: Plan, forecast: Forecast) -> tuple[NodeKey, ...]:
    """The nodes that a change is to get going, at once or when their agent is back."""
    ids = (*forecast.turn_green, *forecast.await_agent, *forecast.turn_warn)
    return tuple(NodeKey(plan.scope.account, plan.scope.region, id_) for id_ in dict.fromkeys(ids))


@dataclass(frozen=True, slots=True)
class Supposition:
    """Questions about a principal that is given policies: documents of inline ones, and ARNs of managed ones."""

    principal: str
    questions: tuple[Question, ...]
    documents: tuple[str, ...]
    arns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupposedAnswers:
    """What IAM answered."""

    answers: tuple[EvaluationResult, ...]

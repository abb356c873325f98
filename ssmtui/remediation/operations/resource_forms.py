"""The Terraform and CloudFormation forms of a write operation: which parameter sets which argument or property."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON, AnswerReference, Call, GuardReference, Parameter, Plan


class NotExpressibleError(ValueError):
    """A call that a format cannot express; the message is a sentence with the reason."""


@dataclass(frozen=True, slots=True)
class BlockAddress:
    """The address of a Terraform block (`aws_iam_role.node`) or of its attribute; ssmtui chooses the names."""

    text: str


Properties = Mapping[str, JSON]
Arguments = Mapping[str, JSON | BlockAddress]


class NoForm(Enum):
    """Why an operation has no form of its own: none is known, or the form of another call in the plan includes it."""

    UNKNOWN = "unknown"
    INCLUDED = "included"


def _unchanged(_call: Call, _plan: Plan, values: Mapping[str, JSON]) -> Sequence[Mapping[str, JSON]]:
    return (values,)


def is_new(_call: Call, _plan: Plan, _arguments: Arguments) -> str:
    """Return no ID: the call creates the resource, so nothing is imported."""
    return ""


def imported_by(parameter: str) -> Callable[[Call, Plan, Arguments], str]:
    """Return a function to the import ID: the value of that parameter, without the part of an ARN before a slash."""

    def import_id(call: Call, _plan: Plan, _arguments: Arguments) -> str:
        value = str(known_beforehand(parameter, call.parameters[parameter]))
        return value.rpartition("/")[2] if value.startswith("arn:") else value

    return import_id


@dataclass(frozen=True, slots=True)
class TerraformForm:
    """The Terraform resources of a call.

    `arguments` has the argument that each parameter sets. `identifiers` are the other parameters: they identify the
    resource, or `complete` makes arguments from them. `label` is ssmtui's name for the resource. `import_id` returns
    the ID of an existing resource, and `keep` says that it must not be replaced. `complete` returns the arguments of
    each resource, made from those that the parameters set.
    """

    type: str
    label: str
    arguments: Mapping[str, str]
    identifiers: tuple[str, ...] = ()
    import_id: Callable[[Call, Plan, Arguments], str] = is_new
    keep: bool = False
    complete: Callable[[Call, Plan, Properties], Sequence[Arguments]] = _unchanged
    remark: str = ""

    @property
    def parameters(self) -> frozenset[str]:
        """Return the parameters that the form expresses."""
        return frozenset({*self.arguments, *self.identifiers})

    def resources(self, call: Call, plan: Plan) -> Sequence[TerraformResource]:
        """Return the resources of a call. Raise NotExpressibleError if a value is known only during the change."""
        found = self.complete(call, plan, _values(call, self.arguments))
        return [
            TerraformResource(
                self.type,
                self.label,
                arguments,
                self.import_id(call, plan, arguments),
                self.keep,
                say(self.remark) if self.remark and not number else "",
            )
            for number, arguments in enumerate(found)
        ]


@dataclass(frozen=True, slots=True)
class TerraformResource:
    """One resource. `import_id` is empty if it is new."""

    type: str
    label: str
    arguments: Arguments
    import_id: str = ""
    keep: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CloudFormationForm:
    """The CloudFormation resources of a call.

    `name` is their logical ID; the other fields are as in `TerraformForm`.
    """

    type: str
    name: str
    properties: Mapping[str, str]
    identifiers: tuple[str, ...] = ()
    complete: Callable[[Call, Plan, Properties], Sequence[Properties]] = _unchanged

    @property
    def parameters(self) -> frozenset[str]:
        """Return the parameters that the form expresses."""
        return frozenset({*self.properties, *self.identifiers})

    def resources(self, call: Call, plan: Plan) -> Sequence[Mapping[str, JSON]]:
        """Return the resources of a call. Raise NotExpressibleError if CloudFormation cannot express the call."""
        # If the stack is deleted or replaces the resource, others can already depend on the resource: it must be kept.
        kept = {"Type": self.type, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        found = self.complete(call, plan, _values(call, self.properties))
        return [{**kept, "Properties": properties} for properties in found]


NEW_ROLE = "NodeRole"
"""The logical ID of a role that a plan creates."""
IN_ITS_STACK = translatable(
    "CloudFormation changes an existing resource only in the stack that created or imported it."
)
NO_CLOUDFORMATION_STATE = translatable("CloudFormation cannot express this change as a resource state.")


def _values(call: Call, names: Mapping[str, str]) -> Mapping[str, JSON]:
    """Return the values of the call's parameters, by the names in a form."""
    return {
        name: known_beforehand(parameter, call.parameters[parameter])
        for parameter, name in names.items()
        if parameter in call.parameters
    }


def known_beforehand(name: str, value: Parameter) -> JSON:
    """Return the value of a parameter.

    Raises:
        NotExpressibleError: the value, or a part of it, is known only during the change.

    """
    match value:
        case AnswerReference() | GuardReference():
            raise NotExpressibleError(
                say("The value of the parameter {parameter} is known only while the change is applied.", parameter=name)
            )
        case Mapping():
            return {key: known_beforehand(name, each) for key, each in value.items()}
        case list() | tuple():
            return [known_beforehand(name, each) for each in value]
    return value


def members(value: JSON | Parameter) -> list[Mapping[str, JSON]]:
    """Return the objects in a list of a parameter."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list | tuple) else []


def makes_role(plan: Plan) -> bool:
    """Return whether a plan creates a role: other resources then depend on it."""
    return any(call.operation == "CreateRole" for call in plan.calls)

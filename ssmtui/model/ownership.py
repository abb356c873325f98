"""Who else looks after a resource, by its tags: a tool that would take a change by hand away with its next run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ssmtui.model.subject import Subject

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


def owner_in(tags: Iterable[tuple[str, str]]) -> Ownership:
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

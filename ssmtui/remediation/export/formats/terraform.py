"""Export a plan as Terraform resources and import blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ssmtui.language import say, translatable
from ssmtui.model.plan import Call, Plan
from ssmtui.remediation.export.format import export_format
from ssmtui.remediation.export.request import ChangeRequest, NotExpressibleError
from ssmtui.remediation.export.terraform_resources import (
    REASONS_NOT_EXPRESSIBLE,
    RESOURCES_BY_OPERATION,
    BlockAddress,
    HclBlock,
    Resource,
    block_lines,
)
from ssmtui.text.printable import printable


@dataclass(frozen=True, slots=True)
class _NamedResource:
    """A resource with the name it has in the configuration."""

    name: str
    resource: Resource


@export_format("terraform", label=translatable("Terraform"), after="powershell")
def configuration(request: ChangeRequest) -> str:
    """The resources that bring the change about.

    Raises:
        CannotExpress: a call changes what no resource of the provider describes.

    """
    plan = request.plan
    resources = _resources(plan)
    lines = [
        f"# {printable(plan.title)} ({plan.scope.account}, {plan.scope.region})",
        "# " + say("For a provider of this account and Region. Read what `terraform plan` says before applying it."),
    ]
    if plan.scope.name.role is not None:
        lines.append(
            "# "
            + say(
                "It was read in the role {role}, which the provider takes by assume_role.",
                role=printable(plan.scope.name.role),
            )
        )
    if any(named.resource.import_id for named in resources):
        lines.append(
            "# "
            + say(
                "The import blocks need Terraform 1.5 or later, and ignore_changes names arguments of version 6 of the "
                "provider hashicorp/aws."
            )
        )
    for named in resources:
        lines.append("")
        lines.extend(_lines(named))
    return "\n".join(lines) + "\n"


def _resources(plan: Plan) -> Sequence[_NamedResource]:
    found: list[_NamedResource] = []
    for call in plan.calls:
        for resource in _of(call, plan):
            same = [each for each in found if each.resource.label == resource.label]
            merged = next((each for each in same if each.resource.is_same_thing(resource)), None)
            if merged is not None:
                found[found.index(merged)] = _NamedResource(merged.name, merged.resource.with_arguments_of(resource))
            else:
                name = f"{resource.label}_{len(same) + 1}" if same else resource.label
                found.append(_NamedResource(name, resource))
    if not found:
        raise NotExpressibleError(say("Terraform has nothing to describe in this change."))
    return found


def _of(call: Call, plan: Plan) -> Sequence[Resource]:
    operation = (call.service, call.operation)
    if operation in REASONS_NOT_EXPRESSIBLE:
        raise NotExpressibleError(say(REASONS_NOT_EXPRESSIBLE[operation]))
    if operation not in RESOURCES_BY_OPERATION:
        raise NotExpressibleError(
            say("Terraform has no resource for {action}, as far as ssmtui knows.", action=call.action)
        )
    return RESOURCES_BY_OPERATION[operation](call, plan)


def _lines(named: _NamedResource) -> Iterator[str]:
    resource = named.resource
    address = BlockAddress(f"{resource.type}.{named.name}")
    yield from (f"# {printable(remark)}" for remark in resource.remarks)
    if resource.import_id:
        yield from block_lines(HclBlock("import", (), {"to": address, "id": resource.import_id}))
        yield ""
    inner = list(resource.blocks)
    if resource.left_alone or resource.keep:
        left = {"ignore_changes": BlockAddress(f"[{', '.join(resource.left_alone)}]")} if resource.left_alone else {}
        kept = {"prevent_destroy": True} if resource.keep else {}
        inner.append(HclBlock("lifecycle", (), {**kept, **left}))
    yield from block_lines(HclBlock("resource", (resource.type, named.name), resource.arguments, tuple(inner)))

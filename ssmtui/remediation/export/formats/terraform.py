"""Export a plan as Terraform resources and import blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import ssmtui.remediation.export
from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON, Call, Plan
from ssmtui.remediation.export.format import ChangeRequest, export_format, is_visible
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.resource_forms import (
    BlockAddress,
    NoForm,
    NotExpressibleError,
    TerraformForm,
    TerraformResource,
)
from ssmtui.text.printable import printable

_INDENT = "  "
_CHOMP = "chomp("


@dataclass(frozen=True, slots=True)
class HclBlock:
    """A block: its type, its labels, its arguments in order, and its nested blocks."""

    kind: str
    labels: tuple[str, ...]
    arguments: Mapping[str, JSON | BlockAddress]
    blocks: tuple[HclBlock, ...] = ()


def block_lines(block: HclBlock, depth: int = 0) -> Iterator[str]:
    """Yield the lines of a block."""
    indent = _INDENT * depth
    labels = "".join(f' "{label}"' for label in block.labels)
    yield f"{indent}{block.kind}{labels} {{"
    for group in _aligned(block.arguments):
        widest = max(len(name) for name, _ in group)
        for name, written in group:
            yield f"{indent}{_INDENT}{name:<{widest}} = {written}"
    for inner in block.blocks:
        yield ""
        yield from block_lines(inner, depth + 1)
    yield f"{indent}}}"


def _aligned(arguments: Mapping[str, JSON | BlockAddress]) -> Iterator[Sequence[tuple[str, str]]]:
    """Split arguments into runs whose equals signs `terraform fmt` aligns.

    A value with several lines ends a run. Its first line belongs to the run unless that line leaves a bracket open.
    """
    run: list[tuple[str, str]] = []
    for name, value in arguments.items():
        written = hcl_value(value)
        if written.startswith(_CHOMP):
            if run:
                yield run
            yield [(name, written)]
            run = []
            continue
        run.append((name, written))
        if "\n" in written:
            yield run
            run = []
    if run:
        yield run


def hcl_value(value: JSON | BlockAddress) -> str:
    """Return a value. A text with several lines becomes a here-document, with every byte unchanged."""
    match value:
        case BlockAddress(text):
            return text
        case str() if "\n" in value and is_visible(value):
            return _here_document(value)
        case str():
            return _quoted(value)
        case Mapping():
            members = ", ".join(f"{_quoted(name)} = {hcl_value(each)}" for name, each in value.items())
            return f"{{ {members} }}"
        case Sequence():
            return f"[{', '.join(hcl_value(each) for each in value)}]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    # Strings are escaped as in JSON, but a character beyond the first plane is one escape of eight digits.
    written = "".join(_escaped(each) for each in text)
    return f'"{_unexpanded(written)}"'


def _escaped(character: str) -> str:
    if character in '"\\\n' or is_visible(character):
        return json.dumps(character, ensure_ascii=False)[1:-1]
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _unexpanded(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _here_document(text: str) -> str:
    """Return a here-document. It always ends in a newline: if the text does not, `chomp` removes it."""
    whole = text.endswith("\n")
    body = _unexpanded(text[:-1] if whole else text)
    end = "EOT"
    while any(line.strip() == end for line in body.split("\n")):
        end += "_"
    document = f"<<{end}\n{body}\n{end}"
    return document if whole else f"{_CHOMP}{document}\n)"


PROVIDER = Path(ssmtui.remediation.export.__file__).with_name("provider_arguments.json")
"""The arguments of each used resource type, from the provider's schema: `make provider` writes this file."""


@dataclass(frozen=True, slots=True)
class ProviderArguments:
    """The arguments of a resource type: the required arguments, and all arguments."""

    required: tuple[str, ...]
    optional: tuple[str, ...]


@cache
def provider_arguments() -> Mapping[str, ProviderArguments]:
    """Return the arguments of each used resource type."""
    resources = json.loads(PROVIDER.read_text(encoding="utf-8"))["resources"]
    return {
        type_: ProviderArguments(tuple(each["required"]), tuple(each["optional"])) for type_, each in resources.items()
    }


@dataclass(frozen=True, slots=True)
class _NamedResource:
    """A resource with its name in the configuration."""

    name: str
    resource: TerraformResource


@export_format("terraform", label=translatable("Terraform"), after="powershell")
def configuration(request: ChangeRequest) -> str:
    """Return the configuration with the resources of the change.

    Raises:
        NotExpressibleError: a call changes something that the provider has no resource for.

    """
    plan = request.plan
    resources = _resources(plan)
    lines = [
        f"# {printable(plan.title)} ({plan.scope.account}, {plan.scope.region})",
        "# "
        + say(
            "Use with a provider for this account and Region. Review the output of `terraform plan` before you apply "
            "it."
        ),
    ]
    if plan.scope.name.role is not None:
        lines.append(
            "# "
            + say(
                "The account was read with the role {role}: configure it as assume_role in the provider.",
                role=printable(plan.scope.name.role),
            )
        )
    if any(named.resource.import_id for named in resources):
        lines.append(
            "# "
            + say(
                "The import blocks require Terraform 1.5 or later. ignore_changes names arguments of version 6 of "
                "the provider hashicorp/aws."
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
            merged = next((each for each in same if _is_same_thing(each.resource, resource)), None)
            if merged is not None:
                arguments = {**merged.resource.arguments, **resource.arguments}
                found[found.index(merged)] = replace(merged, resource=replace(merged.resource, arguments=arguments))
            else:
                name = f"{resource.label}_{len(same) + 1}" if same else resource.label
                found.append(_NamedResource(name, resource))
    if not found:
        raise NotExpressibleError(say("Terraform cannot express this change."))
    return found


def _is_same_thing(one: TerraformResource, other: TerraformResource) -> bool:
    """Return whether both describe the same existing resource, so that their arguments are merged."""
    return bool(one.import_id) and (one.type, one.import_id) == (other.type, other.import_id)


def _of(call: Call, plan: Plan) -> Sequence[TerraformResource]:
    operation = WRITE_OPERATIONS.get((call.service, call.operation))
    form = operation.terraform if operation is not None else NoForm.UNKNOWN
    match form:
        case str():
            raise NotExpressibleError(say(form))
        case TerraformForm():
            return form.resources(call, plan)
        case NoForm.INCLUDED:
            return ()
    raise NotExpressibleError(say("ssmtui knows no Terraform resource for {action}.", action=call.action))


def ignored_arguments(resource: TerraformResource) -> tuple[str, ...]:
    """Return the arguments of an imported resource that the plan does not set.

    Terraform would set each of them to the provider's default, so all of them are ignored.
    """
    if not resource.import_id:
        return ()
    return tuple(name for name in provider_arguments()[resource.type].optional if name not in resource.arguments)


def _lines(named: _NamedResource) -> Iterator[str]:
    resource = named.resource
    address = BlockAddress(f"{resource.type}.{named.name}")
    if resource.remark:
        yield f"# {printable(resource.remark)}"
    if resource.import_id:
        yield from block_lines(HclBlock("import", (), {"to": address, "id": resource.import_id}))
        yield ""
    ignored = ignored_arguments(resource)
    lifecycle: dict[str, JSON | BlockAddress] = {
        **({"prevent_destroy": True} if resource.keep else {}),
        **({"ignore_changes": BlockAddress(f"[{', '.join(ignored)}]")} if ignored else {}),
    }
    inner = (HclBlock("lifecycle", (), lifecycle),) if lifecycle else ()
    yield from block_lines(HclBlock("resource", (resource.type, named.name), resource.arguments, inner))

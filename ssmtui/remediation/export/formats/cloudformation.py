"""Export a plan as a CloudFormation template in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ssmtui.language import say, translatable
from ssmtui.model.plan import JSON, Call, Plan
from ssmtui.remediation.export.format import ChangeRequest, export_format, json_document
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.resource_forms import CloudFormationForm, NoForm, NotExpressibleError
from ssmtui.text.printable import printable

_VERSION = "2010-09-09"


@export_format("cloudformation", label=translatable("CloudFormation"), after="terraform")
def template_text(request: ChangeRequest) -> str:
    """Return the template.

    Raises:
        NotExpressibleError: a call changes something that is not a CloudFormation resource, or the template would be
    empty.

    """
    plan = request.plan
    resources: dict[str, JSON] = {}
    for call in plan.calls:
        for name, resource in _resources(call, plan):
            number = sum(each.startswith(name) for each in resources)
            resources[f"{name}{number + 1}" if number else name] = resource
    if not resources:
        raise NotExpressibleError(say("CloudFormation cannot express this change."))
    description = f"{printable(plan.title)} ({plan.scope.account}, {plan.scope.region})"
    template: JSON = {
        "AWSTemplateFormatVersion": _VERSION,
        "Description": description[:1024],
        "Resources": resources,
    }
    return f"{json_document(template)}\n"


def _resources(call: Call, plan: Plan) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    operation = WRITE_OPERATIONS.get((call.service, call.operation))
    form = operation.cloudformation if operation is not None else NoForm.UNKNOWN
    match form:
        case str():
            raise NotExpressibleError(say(form))
        case NoForm.UNKNOWN:
            raise NotExpressibleError(say("ssmtui knows no CloudFormation resource for {action}.", action=call.action))
        case CloudFormationForm():
            yield from ((form.name, resource) for resource in form.resources(call, plan))

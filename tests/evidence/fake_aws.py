"""A fake `Aws`: canned answers, checked in both directions against the service models that AWS publishes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any, ClassVar

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator

from ssmtui.aws.service_models import shared_loader
from ssmtui.evidence.aws.allowed_reads import KEPT_MEMBERS
from ssmtui.evidence.aws.failures import classify_error_code
from ssmtui.evidence.aws.reader_api import Answer, AwsError, ReadFailed
from ssmtui.evidence.aws.sdk import find_paging
from ssmtui.evidence.facts.sources import all_reads

Canned = Mapping[str, Any] | AwsError | ReadFailed
Answering = Canned | list[Canned] | Callable[..., Canned]


def refused(action: str, message: str = "") -> ReadFailed:
    """What a read gives whose IAM action is denied."""
    told = message or f"User: arn:aws:iam::123456789012:user/alex is not authorized to perform: {action}"
    error = classify_error_code("AccessDeniedException", told, 400, action)
    assert isinstance(error, ReadFailed)
    return error


class FakeAws:
    """Answers by `service:Operation`: one for always, a list for page after page, or a function of the parameters."""

    ANSWERS_ADDED_ACTIONS: ClassVar = True
    """Whether it answers about the action that the readers add to a simulation, so that no test has to."""

    def __init__(self, **answers: Answering) -> None:
        self.answers = {name.replace("_", ":", 1): answer for name, answer in answers.items()}
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, Mapping[str, object]]] = []

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:
        return self._answer(service, operation, parameters, page=0)

    async def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        find_paging(service, operation, Loader().load_service_model)
        canned = self.answers[f"{service}:{operation}"]
        for page in range(len(canned) if isinstance(canned, list) else 1):
            await asyncio.sleep(0)
            yield self._answer(service, operation, parameters, page)

    def parameters(self, name: str) -> list[Mapping[str, object]]:
        """With what an operation was called, in order."""
        return [parameters for called, parameters in self.asked if called == name]

    def _answer(self, service: str, operation: str, parameters: Mapping[str, object], page: int) -> Answer:
        assert (service, operation) in all_reads()
        model = _operation(service, operation)
        if model.input_shape is not None:
            _validate(parameters, model.input_shape)
        name = f"{service}:{operation}"
        self.calls[name] += 1
        adds = self.ANSWERS_ADDED_ACTIONS and operation == "SimulatePrincipalPolicy"
        added = _always_denied(parameters) if adds else None
        if added is not None:
            parameters = _without_added_action(parameters)
        self.asked.append((name, parameters))
        answer = self.answers[name] if added is None or parameters["ActionNames"] else {"EvaluationResults": []}
        if isinstance(answer, list):
            answer = answer[page]
        if callable(answer):
            answer = answer(**parameters)
        if isinstance(answer, AwsError | ReadFailed):
            raise answer
        if added is not None:
            answer = {**answer, "EvaluationResults": [*answer["EvaluationResults"], added]}
        _validate(answer, model.output_shape)
        taken = KEPT_MEMBERS.get((service, operation))
        return Answer(name, answer if taken is None else _taken(answer, model.output_shape, taken))


def _always_denied(parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """IAM's answer about the action that the readers add to a simulation because it is never allowed."""
    last = parameters["ActionNames"][-1]
    if last not in {"sts:GetCallerIdentity", "ssmtui:noaction"}:
        return None
    return {"EvalActionName": last, "EvalResourceName": "*", "EvalDecision": "implicitDeny"}


def _without_added_action(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**parameters, "ActionNames": parameters["ActionNames"][:-1]}


def _validate(value: Mapping[str, Any], shape: Any) -> None:
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()


def _taken(value: Any, shape: Any, structures: Mapping[str, frozenset[str]]) -> Any:
    """A value without what the SDK would not be asked to make of it."""
    if shape.type_name == "list":
        return [_taken(each, shape.member, structures) for each in value]
    if shape.type_name != "structure":
        return value
    members = structures.get(shape.name, frozenset(shape.members))
    return {name: _taken(held, shape.members[name], structures) for name, held in value.items() if name in members}


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return _service(service).operation_model(operation)


@cache
def _service(service: str) -> ServiceModel:
    return ServiceModel(shared_loader(None).load_service_model(service, "service-2"), service)

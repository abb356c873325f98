"""The calls by which an agent connects, at the endpoints for ssm and ssmmessages; what it has done proves itself."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.checks.network.endpoint_policies import RESOURCE_ACCOUNT, Hindrance, Visitor, hindrance, permits
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.network import Endpoint
from ssmtui.model.permissions import Question
from ssmtui.model.policy_reading import Truth
from ssmtui.model.questions import CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION, node_arn
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation, RunningInstance


def calls_for_connecting(
    service: str, running: RunningInstance, observation: Observation, scope: Scope
) -> tuple[Question, ...]:
    """What an agent that has not proved it asks of ssm, or of ssmmessages."""
    return _channels(observation, scope) if service == "ssmmessages" else _reporting(running, observation, scope)


def hindered_in_connecting(
    visitor: Visitor, endpoint: Endpoint, service: str, running: RunningInstance, observation: Observation
) -> Iterator[Hindrance]:
    """What the policy of the endpoint for ssm, or for ssmmessages, has against the calls."""
    status = _status(visitor, endpoint, service, observation, visitor.scope)
    confidence = Confidence.LIKELY if running.node.managed else Confidence.PROVED
    for question in calls_for_connecting(service, running, observation, visitor.scope):
        found = hindrance(visitor, endpoint, question, status, confidence)
        if found is not None:
            yield found


def _reporting(running: RunningInstance, observation: Observation, scope: Scope) -> tuple[Question, ...]:
    """What an agent asks of ssm; one that is online was let through."""
    if observation.online:
        return ()
    context = ((RESOURCE_ACCOUNT, scope.account),)
    return (Question(UPDATE_INSTANCE_INFORMATION, node_arn(scope, running.node.id), context),)


def _channels(observation: Observation, scope: Scope) -> tuple[Question, ...]:
    """What an agent asks of ssmmessages; one that is connected was let through with its control channel."""
    actions = [each for each in CHANNEL_ACTIONS if not (observation.connected and _is_of_control(each))]
    return tuple(Question(action, "*", ((RESOURCE_ACCOUNT, scope.account),)) for action in actions)


def _status(visitor: Visitor, endpoint: Endpoint, service: str, observation: Observation, scope: Scope) -> Status:
    """Where the policy denies what a connected node has done all the same, it is newer, or goes another way."""
    if service == "ssm" or not observation.connected:
        return Status.FAIL
    proved = [Question(each, "*", ((RESOURCE_ACCOUNT, scope.account),)) for each in CHANNEL_ACTIONS]
    contradicted = any(permits(visitor, endpoint, each) is Truth.NO for each in proved if _is_of_control(each.action))
    return Status.WARN if contradicted else Status.FAIL


def _is_of_control(action: str) -> bool:
    return "ControlChannel" in action

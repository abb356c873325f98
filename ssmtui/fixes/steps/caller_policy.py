"""`steps-caller-policy`: the statement that whoever looks after the caller's policies is to be asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Finding
from ssmtui.model.node import Node
from ssmtui.model.plan import JSON, NotApplicable, json_text
from ssmtui.model.questions import (
    CHANGE_PREFERENCES_ACTIONS,
    DESKTOP_ACTIONS,
    DOCUMENT_ACCESS_CHECK,
    GENERATE_DATA_KEY,
    OPEN_DATA_CHANNEL,
    READ_PREFERENCES,
    RESUME_SESSION,
    START_SESSION,
    TERMINATE_SESSION,
    node_arn,
)
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word
from ssmtui.model.storage import Key

_SLUG = "steps-caller-policy"
_OWN = ("caller-open-channel-denied", "caller-terminate-denied", "caller-resume-denied")

_ASK = marked("Ask whoever looks after the policies of {caller} to add this statement.")
_WIDER = marked("To reach more nodes with it, name them by their ARNs, or by a condition on a tag of theirs.")
_EXPLICIT = marked(
    "Where the text of the error says explicit deny, a statement that allows does not help: look for the one that "
    "denies where the text names it."
)
_SEE = marked("See that it holds (IAM takes some seconds), then check again here.")
_KEY_POLICY = marked(
    "See that the policy of the key lets policies of its account decide, or names the caller's role. A key of another "
    "account must name it."
)
_REQUEST = marked("Access to this node is asked for each time: request it, and say why.")
_TOKEN = marked("Once it is approved, take the credentials for it, and start the session with them.")
_NOT_START = marked("Do not ask for ssm:StartSession instead: it would go round the approvals.")


@by_hand(_SLUG)
def caller_policy(
    scope: Scope,
    finding: Finding,
    node: Node | Absent | Moot | Unreadable,
    key: Key | Absent | Moot | Unreadable,
) -> Steps | NotApplicable:
    """For this node, this document and this key, and nothing wider."""
    node_id = node.id if isinstance(node, Node) else "NODE_ID"
    if finding.cause == "caller-needs-access-request":
        return Steps(_SLUG, say("Request access to {node}", node=node_id), _requesting(scope, node_id))
    statement = lacking_statement(scope, finding.cause, node_id, key.arn if isinstance(key, Key) else "KEY_ARN")
    who = finding.subject.id
    steps = [Step(say(_ASK, caller=finding.subject.name), json_text(statement), Form.JSON)]
    if finding.cause == "caller-start-denied":
        steps.append(Step(say(_WIDER)))
    if finding.cause == "kms-caller-denied":
        steps.append(Step(say(_KEY_POLICY)))
    steps.append(Step(say(_EXPLICIT)))
    if finding.cause not in _OWN:
        steps.append(Step(say(_SEE), _simulation(who, statement)))
    return Steps(_SLUG, say("Ask for what {caller} lacks", caller=finding.subject.name), tuple(steps))


def lacking_statement(scope: Scope, cause: str, node_id: str, key_arn: str) -> dict[str, JSON]:
    """The statement that a caller with this cause lacks, and nothing wider."""
    document = scope.session_document_arn
    own_sessions = f"arn:{scope.partition}:ssm:*:*:session/${{aws:userid}}-*"
    match cause:
        case "caller-start-denied":
            return _allow((START_SESSION,), node_arn(scope, node_id), document)
        case "caller-document-denied":
            asked: JSON = {"BoolIfExists": {DOCUMENT_ACCESS_CHECK: "true"}}
            return _allow((START_SESSION,), document) | {"Condition": asked}
        case "caller-open-channel-denied":
            return _allow((OPEN_DATA_CHANNEL,), own_sessions)
        case "caller-terminate-denied" | "caller-resume-denied" | "session-resume-denied":
            return _allow((TERMINATE_SESSION, RESUME_SESSION), own_sessions)
        case "caller-preferences-denied":
            return _allow((READ_PREFERENCES, *CHANGE_PREFERENCES_ACTIONS), document)
        case "caller-desktop-denied":
            return _allow((*DESKTOP_ACTIONS, OPEN_DATA_CHANNEL), "*")
        case "kms-caller-denied":
            return _allow((GENERATE_DATA_KEY,), key_arn)
    return _allow((START_SESSION,), node_arn(scope, node_id), document)


def _allow(actions: Sequence[str], *resources: str) -> dict[str, JSON]:
    """One of a kind stands for itself, as people write policies."""
    return {
        "Effect": "Allow",
        "Action": actions[0] if len(actions) == 1 else list(actions),
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }


def _simulation(principal: str, statement: dict[str, JSON]) -> str:
    actions, resources = statement["Action"], statement["Resource"]
    names = [actions] if isinstance(actions, str) else actions
    arns = [resources] if isinstance(resources, str) else resources
    asked = " ".join(str(each) for each in names) if isinstance(names, Sequence) else ""
    on = " ".join(word(str(each), "RESOURCE_ARN") for each in arns) if isinstance(arns, Sequence) else ""
    return (
        f"aws iam simulate-principal-policy --policy-source-arn {word(principal, 'CALLER_ARN')} \\\n"
        f"  --action-names {asked} \\\n"
        f"  --resource-arns {on} \\\n"
        "  --query 'EvaluationResults[].[EvalActionName,EvalDecision]' --output table"
    )


def _requesting(scope: Scope, node_id: str) -> tuple[Step, ...]:
    region, target = word(scope.region, "REGION"), word(node_id, "NODE_ID")
    ask = (
        f"aws ssm start-access-request --region {region} --reason 'TICKET' \\\n"
        f"  --targets Key=InstanceIds,Values={target}"
    )
    token = f"aws ssm get-access-token --region {region} --access-request-id ACCESS_REQUEST_ID"
    return (Step(say(_REQUEST), ask), Step(say(_TOKEN), token), Step(say(_NOT_START)))

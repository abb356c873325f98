"""What AWS says when it refuses: the code, the status and the exact sentence of each service.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html and, for the policy's ARN and
the authorization id, …/troubleshoot_access-denied-authorization-id.html.
"""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.simulator.authorisation.actions import Need
from ssmtui.simulator.authorisation.evaluation import Decision, Outcome, PolicyKind


@dataclass(frozen=True, slots=True)
class Refusal:
    """An access-denied answer, before it is written in the protocol of its service."""

    code: str
    status: int
    message: str


def refusal(service: str, caller_arn: str, need: Need, decision: Decision, authorization_id: str = "") -> Refusal:
    """The answer to a caller whose request was not allowed; with an id, where the service gives one."""
    sentence = f"User: {caller_arn} is not authorized to perform: {need.action}"
    shown = _shown(service, need.resource)
    if shown:
        sentence += f" on resource: {shown}"
    reason = _reason(need.action, decision)
    sentence += f"{' ' if reason else ''}{reason}{_directions(authorization_id)}"
    if service == "ec2":
        return Refusal("UnauthorizedOperation", 403, f"You are not authorized to perform this operation. {sentence}")
    if service in {"iam", "sts", "s3"}:
        return Refusal("AccessDenied", 403, sentence)
    return Refusal("AccessDeniedException", 400, sentence)


def _reason(action: str, decision: Decision) -> str:
    kind = decision.refused_by or PolicyKind.IDENTITY
    if decision.outcome is Outcome.EXPLICIT_DENY:
        article = "an" if kind is PolicyKind.IDENTITY else "a"
        named = next((each.arn for each in decision.matched if each.kind is kind and each.arn), "")
        return f"with an explicit deny in {article} {kind}" + (f": {named}" if named else "")
    if (action, kind) == ("sts:AssumeRole", PolicyKind.RESOURCE):
        # What a role's trust policy lacks is not told to whoever wants to take it.
        return ""
    return f"because no {kind} allows the {action} action"


def _directions(authorization_id: str) -> str:
    """Where the refusal can be looked up. The console's link is to us-east-1 wherever the request went."""
    if not authorization_id:
        return ""
    console = "https://us-east-1.console.aws.amazon.com/iam/home?region=us-east-1#/authorization-details/"
    return (
        f". Go to {console}{authorization_id} for complete details, or call the GetRequestAuthorizationDetails API "
        f"with the following authorization id: {authorization_id}"
    )


def _shown(service: str, resource: str) -> str:
    """How a service spells the resource: IAM by kind and name, S3 in quotes, EC2 not at all where there is none."""
    if resource == "*":
        return "" if service == "ec2" else "*"
    if service == "s3":
        return f'"{resource}"'
    if service == "iam" and ":policy/" in resource:
        return f"policy {resource}"
    for kind in ("role", "instance-profile", "user"):
        if service == "iam" and f":{kind}/" in resource:
            return f"{kind.replace('-', ' ')} {resource.rpartition('/')[2]}"
    return resource

"""Systems Manager: just-in-time node access, asked for and taken."""

from __future__ import annotations

import json
import secrets
from typing import Final

from ssmtui.simulator import access_requests, sessions, state, tokens
from ssmtui.simulator.access_requests import AccessRequest
from ssmtui.simulator.authorisation.actions import node_arn
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.registry import Result, operation

# The name is made up: whose credentials a token holds is on no page of AWS's.
_ROLE: Final = "SSMJustInTimeAccessToken"


@operation("ssm", "StartAccessRequest")
def start_access_request(call: ApiCall) -> Result:
    """Ask for access to nodes."""
    targets = call.parameters["Targets"]
    if not targets or any(target.get("Key") != "InstanceIds" for target in targets):
        raise AwsError("ValidationException", "Targets must name nodes by InstanceIds.")
    node_ids = tuple(str(value) for target in targets for value in target.get("Values", ()))
    decision = state.hidden(call.account, call.region).access_decision
    asked = access_requests.ask(call.account, call.region, call.caller_arn, node_ids, state.now(), decision)
    return {"AccessRequestId": asked.id}


@operation("ssm", "GetAccessToken")
def get_access_token(call: ApiCall) -> Result:
    """How a request stands, and credentials where it is approved: for sessions to its nodes, and nothing else."""
    id_ = str(call.parameters["AccessRequestId"])
    asked = access_requests.requests().get(id_)
    if asked is None or (asked.account, asked.region, asked.requester) != (call.account, call.region, call.caller_arn):
        raise AwsError("ResourceNotFoundException", f"Access request {id_} does not exist.")
    status = asked.status(state.now())
    if status != "Approved":
        return {"AccessRequestStatus": status}
    access_key = f"ASIA{secrets.token_hex(8).upper()}"
    holder = f"arn:{call.partition}:sts::{call.account}:assumed-role/{_ROLE}/{call.caller_arn.rpartition('/')[2]}-{id_}"
    sessions.grant(holder, json.dumps(_policy(call, asked)))
    state.give_access_key(access_key, holder)
    credentials = {
        "AccessKeyId": access_key,
        "SecretAccessKey": secrets.token_urlsafe(30),
        "SessionToken": tokens.give(secrets.token_urlsafe(60)),
        "ExpirationTime": asked.ends_at,
    }
    return {"AccessRequestStatus": status, "Credentials": credentials}


def _policy(call: ApiCall, asked: AccessRequest) -> dict[str, object]:
    nodes = [node_arn(node_id, call.account, call.region) for node_id in asked.node_ids]
    own = ["ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"]
    allowed: tuple[tuple[str | list[str], str | list[str]], ...] = (
        ("ssm:StartSession", [*nodes, f"arn:{call.partition}:ssm:*:*:document/*"]),
        (own, f"arn:{call.partition}:ssm:*:*:session/${{aws:userid}}-*"),
        ("kms:GenerateDataKey", "*"),
    )
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    return {"Version": "2012-10-17", "Statement": statements}

"""What is asked besides when a session is started: the tags of the node, and the document that nobody named.

The default document counts only where a policy of the caller asks for documents to be checked (docs/facts/sessions.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from moto.ec2.models import ec2_backends

from ssmtui.simulator.authorisation.actions import Call, Need, document_arn
from ssmtui.simulator.authorisation.evaluation import Policies
from ssmtui.simulator.state import hidden

ACCESS_CHECK: Final = "ssm:SessionDocumentAccessCheck"
DEFAULT_DOCUMENT: Final = "SSM-SessionManagerRunShell"

_ABOUT_NODES: Final = frozenset({"StartSession", "StartAccessRequest"})


def completed(call: Call, needs: tuple[Need, ...], policies: Policies) -> tuple[Need, ...]:
    """The needs of a call, as the caller's own policies have them judged."""
    if call.service != "ssm" or call.operation not in _ABOUT_NODES:
        return needs
    told = tuple(replace(need, keys=(*need.keys, *_keys(call, need))) for need in needs)
    if call.operation == "StartSession" and not call.text("DocumentName") and checks_documents(policies):
        arn = document_arn(DEFAULT_DOCUMENT, call.account, call.region)
        return (*told, Need("ssm:StartSession", arn, ((ACCESS_CHECK, "true"),)))
    return told


def checks_documents(policies: Policies) -> bool:
    """Whether a policy of the caller asks for the document of a session to be checked."""
    return any(
        condition.key.lower() == ACCESS_CHECK.lower()
        for policy in policies.identity
        for statement in policy.statements
        for condition in statement.conditions
    )


def tags_of_node(account: str, region: str, node_id: str) -> Mapping[str, str]:
    """The tags of an instance or of a hybrid node."""
    for reservation in ec2_backends[account][region].reservations.values():
        for instance in reservation.instances:
            if instance.id == node_id:
                return {str(tag["key"]): str(tag["value"]) for tag in instance.get_tags()}
    return hidden(account, region).hybrid_node_tags.get(node_id, {})


def _keys(call: Call, need: Need) -> Iterator[tuple[str, str]]:
    yield ACCESS_CHECK, "true"
    if ":document/" not in need.resource:
        node_id = need.resource.rpartition("/")[2]
        for name, value in tags_of_node(call.account, call.region, node_id).items():
            yield f"ssm:resourceTag/{name}", value

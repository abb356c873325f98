"""What the caller is allowed to do with sessions."""

from __future__ import annotations

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation import (
    AuthorizationRequest,
    Context,
    Policies,
    Principal,
    evaluate,
    policies_of,
    principal_of,
)
from ssmtui.simulator.authorisation.actions import Need, document_arn, node_arn
from ssmtui.simulator.authorisation.permission import (
    ACCESS_CHECK,
    CALLER_REQUEST_KEYS,
    checks_documents,
    permission,
    request_keys,
    tags_of_node,
)
from ssmtui.simulator.authorisation.stored_policies import find_key, find_role
from ssmtui.simulator.environment import CALLER_ACCESS_KEY
from ssmtui.simulator.node_state import preferences
from ssmtui.simulator.state import caller_arn_of

_RUN_AS_TAG = "SSMSessionRunAs"


def stopped(account: str, region: str, node_id: str) -> str | None:
    """The slug of what the caller lacks for any session to the node; None where nobody looks."""
    part = _CallerAccess.of(account, region)
    return part.stopped(node_id) if part else None


def losses(account: str, region: str, node_id: str) -> tuple[str, ...]:
    """The slugs of what the caller lacks, and a session opens all the same."""
    part = _CallerAccess.of(account, region)
    return part.losses(node_id) if part else ()


def run_as_user(account: str, region: str) -> str:
    """The operating system user that a tag on the caller names; empty where there is none."""
    arn = caller_arn_of(CALLER_ACCESS_KEY)
    role = find_role(account, region, principal_of(arn).arn) if arn else None
    if role is None:
        return ""
    tags = iam_backends[account][get_partition(region)].list_role_tags(role.name, None)[0]
    return next((str(tag["Value"]) for tag in tags if tag["Key"] == _RUN_AS_TAG), "")


class _CallerAccess:
    """A caller with its policies, in one Region."""

    def __init__(self, account: str, region: str, principal: Principal, policies: Policies) -> None:
        self._account = account
        self._region = region
        self._principal = principal
        self._policies = policies

    @classmethod
    def of(cls, account: str, region: str) -> _CallerAccess | None:
        arn = caller_arn_of(CALLER_ACCESS_KEY)
        if arn is None:
            return None
        principal = principal_of(arn)
        return cls(account, region, principal, policies_of(principal))

    def stopped(self, node_id: str) -> str | None:
        if not self._may_at_node("ssm:StartSession", node_id):
            return None if self._may_at_node("ssm:StartAccessRequest", node_id) else "caller-start-denied"
        document = document_arn(preferences.DOCUMENT_NAME, self._account, self._region)
        if checks_documents(self._policies) and not self._may("ssm:StartSession", document, {ACCESS_CHECK: "true"}):
            return "caller-document-denied"
        if not self._may("ssmmessages:OpenDataChannel", self._own_session()):
            return "caller-open-channel-denied"
        key_id = preferences.in_force(self._account, self._region).key_id
        key = find_key(self._account, self._region, key_id) if key_id else None
        if key is not None:
            need = Need("kms:GenerateDataKey", key.arn)
            if not permission(self._principal, need, self._region, self._policies).allowed:
                return "kms-caller-denied"
        return None

    def losses(self, node_id: str) -> tuple[str, ...]:
        needs_request = not self._may_at_node("ssm:StartSession", node_id)
        own = self._own_session()
        lost = (
            ("caller-needs-access-request", needs_request),
            ("caller-terminate-denied", not self._may("ssm:TerminateSession", own)),
            ("caller-resume-denied", not self._may("ssm:ResumeSession", own)),
        )
        return tuple(slug for slug, is_lost in lost if is_lost)

    def _own_session(self) -> str:
        partition = get_partition(self._region)
        name = f"{self._principal.user_id}-0123456789abcdef0"
        return f"arn:{partition}:ssm:{self._region}:{self._account}:session/{name}"

    def _may_at_node(self, action: str, node_id: str) -> bool:
        tags = tags_of_node(self._account, self._region, node_id)
        context = {f"ssm:resourceTag/{key}": value for key, value in tags.items()} | {ACCESS_CHECK: "true"}
        return self._may(action, node_arn(node_id, self._account, self._region), context)

    def _may(self, action: str, resource: str, context: dict[str, str] | None = None) -> bool:
        keys = {**request_keys(self._principal, self._region), **CALLER_REQUEST_KEYS, **(context or {})}
        request = AuthorizationRequest(self._principal, action, resource, Context.of(keys))
        return evaluate(request, self._policies).allowed

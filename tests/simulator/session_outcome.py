"""The outcome that a session to a node must have: the caller's permissions and the steps of the agent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from moto.kms.models import Key, kms_backends
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
from ssmtui.simulator.authorisation.key_facts import context_keys, data_key_context
from ssmtui.simulator.authorisation.permission import (
    ACCESS_CHECK,
    CALLER_REQUEST_KEYS,
    Need,
    checks_documents,
    document_arn,
    log_group_arn,
    node_arn,
    permission,
    request_keys,
    tags_of_node,
)
from ssmtui.simulator.authorisation.stored_policies import find_key
from ssmtui.simulator.node_state import preferences
from ssmtui.simulator.node_state.messages import REQUEST_ID, MessageNames, handshake_failed, text_of
from ssmtui.simulator.node_state.network import find_instance
from ssmtui.simulator.node_state.preferences import DOCUMENT_NAME
from ssmtui.simulator.node_state.registration import NodeIdentity, awaits_host_management, registration_of
from ssmtui.simulator.node_state.session_attempt import SessionAttempt, bucket_encryption, version_numbers
from ssmtui.simulator.state import agent, caller_arn, hidden, now

# https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
_COMMANDS_BY_SSMMESSAGES_SINCE = (3, 3, 40, 0)
_WINDOWS_2025_SINCE = (3, 3, 1345, 0)
_FLAWED = ((3, 0, 732, 0), (3, 0, 755, 0)), ((3, 1, 1446, 0), (3, 1, 1476, 0))
_FLAWED_ON_WINDOWS = (((0,), (3, 1, 282, 0)), *_FLAWED)
_LONGEST_IDLE = 60
_ACCESS_TAG = "SystemsManagerJustInTimeNodeAccessManaged"
_LONGEST_WORK = timedelta(days=1)
_CROWD = 10


def node_warnings(account: str, region: str, node_id: str) -> tuple[str, ...]:
    """The slugs of what a session to the node does not stop at, agent first."""
    return (*_of_agent(account, region, node_id), *_of_preferences(account, region, node_id))


def _of_agent(account: str, region: str, node_id: str) -> Iterator[str]:
    crowd = Counter(each.owner for each in hidden(account, region).sessions.values() if each.target == node_id)
    if max(crowd.values(), default=0) >= _CROWD:
        yield "sessions-left-open"
    open_sessions = [each for each in hidden(account, region).sessions.values() if each.ended_at is None]
    if any(each.target == node_id and now() - each.started_at > _LONGEST_WORK for each in open_sessions):
        yield "run-out-of-watches"
    its_agent = agent(account, region, node_id)
    own = version_numbers(its_agent.version)
    known = hidden(account, region)
    if "Server 2025" in its_agent.platform_name and own < _WINDOWS_2025_SINCE:
        yield "agent-needs-wmic"
    flaws = _FLAWED_ON_WINDOWS if its_agent.platform_type == "Windows" else _FLAWED
    if any(since <= own < mended for since, mended in flaws):
        yield "agent-version-flawed"
    if own < _COMMANDS_BY_SSMMESSAGES_SINCE:
        yield "message-api-retiring"
    if any(each.registered_before and version_numbers(each.version) > own for each in known.agents.values()):
        yield "agent-outdated"
    hybrid = known.hybrid_nodes.get(node_id)
    if hybrid is not None and any(
        other_id != node_id
        and other.registered_before
        and other.computer_name == its_agent.computer_name
        and getattr(find_instance(account, region, other_id), "private_ip", None) == hybrid.ip_address
        for other_id, other in known.agents.items()
    ):
        yield "duplicate-registration"


def _of_preferences(account: str, region: str, node_id: str) -> Iterator[str]:
    in_force = preferences.in_force(account, region)
    its_agent = agent(account, region, node_id)
    if not in_force.is_default:
        yield "preferences-drift"
    if _lacks_access_tag(account, region, in_force.key_id):
        yield "kms-key-jit-tag-missing"
    if in_force.idle_timeout and not 1 <= int(in_force.idle_timeout) <= _LONGEST_IDLE:
        yield "timeout-out-of-range"
    old_windows = its_agent.platform_type == "Windows" and "Server 2012" in its_agent.platform_name
    if in_force.streaming and in_force.log_group and old_windows:
        yield "streaming-unsupported"
    if _is_bypassed(account, region):
        yield "custom-document-bypasses"


def _lacks_access_tag(account: str, region: str, key_id: str) -> bool:
    """Whether just-in-time access is in use, and its token does not reach the key."""
    in_use = any(each.type == "ManualApprovalPolicy" for each in hidden(account, region).documents.values())
    key = find_key(account, region, key_id) if key_id else None
    if key is None or not in_use:
        return False
    tags = kms_backends[account][region].list_resource_tags(key.id)["Tags"]
    return {str(tag["TagKey"]): str(tag["TagValue"]) for tag in tags}.get(_ACCESS_TAG) != "true"


def _is_bypassed(account: str, region: str) -> bool:
    """Whether another Session document that opens a shell goes without a log or a key that the preferences name."""
    wanted = preferences.in_force(account, region)
    for document in hidden(account, region).documents.values():
        content = preferences.content_of(document.default)
        if document.type != "Session" or document.name == DOCUMENT_NAME or not isinstance(content, Mapping):
            continue
        own = preferences.settings_in(content.get("inputs") or {})
        lacks = (
            (wanted.key_id and not own.key_id)
            or (wanted.bucket and not own.bucket)
            or (wanted.log_group and not own.log_group)
        )
        if content.get("sessionType") == "Standard_Stream" and lacks:
            return True
    return False


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html: what S3 asks of the key for a log that is
# uploaded in parts, as the agent uploads those above 5 MiB. Smaller ones take the first alone.
_ON_BUCKET_KEY: Final = ("kms:GenerateDataKey", "kms:Decrypt")


class _Attempt(SessionAttempt):
    def losses(self) -> tuple[str, ...]:
        """What a session that opened does not leave behind."""
        lost: list[str] = []
        if self._preferences.log_group and not self._writes_to_log_group(self._identity):
            lost.append("cloudwatch-logs-lost")
        elif self._preferences.log_group and not self._writes_to_log_group(self._at("logs")):
            lost.append("endpoint-policy-denies")
        if self._preferences.bucket and not self._writes_to_bucket(self._identity):
            lost.append("s3-logs-lost")
        elif self._preferences.bucket and not self._writes_to_bucket(self._at("s3")):
            lost.append("endpoint-policy-denies")
        return (
            *caller_losses(self._account, self._region, self._node_id),
            *lost,
            *node_warnings(self._account, self._region, self._node_id),
        )

    def _writes_to_log_group(self, identity: NodeIdentity) -> bool:
        if self._find_log_group() is None or self._way_to("logs") is not None:
            return False
        group = log_group_arn(self._preferences.log_group, self._account, self._region)
        actions = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
        return all(identity.may(action, group) for action in actions)

    def _writes_to_bucket(self, identity: NodeIdentity) -> bool:
        bucket = self._find_bucket()
        if bucket is None or self._way_to("s3") is not None:
            return False
        key_path = f"{self._preferences.bucket_prefix}/{self._node_id}.log".removeprefix("/")
        if not identity.may("s3:PutObject", f"{self._bucket_arn()}/{key_path}"):
            return False
        algorithm, key_id = bucket_encryption(bucket)
        if algorithm != "aws:kms" or not key_id:
            return True
        key: Key | None = find_key(self._account, self._region, key_id)
        if key is None or key.key_state != "Enabled":
            return False
        return all(self._identity.may_through_s3(action, key.arn) for action in _ON_BUCKET_KEY)


_DELAYS = frozenset({"instance-starting", "profile-attached-late"})
_SILENT = frozenset({"not-registered", "connection-lost"})


@dataclass(frozen=True, slots=True)
class SessionOutcome:
    """`cause` is the slug of what stops the session and `message` AWS's text for it; both None where it opens.

    `losses` are the slugs of what goes missing from a session that opens. `delayed` says that the node comes by itself,
    once AWS's own delay has passed.
    """

    cause: str | None = None
    message: str | None = None
    losses: tuple[str, ...] = ()
    delayed: bool = False

    @property
    def opens(self) -> bool:
        """Whether there is a shell."""
        return self.cause is None


def session_outcome(account: str, region: str, node_id: str) -> SessionOutcome:
    """Open a session in thought, as the agent of the node would."""
    registration = registration_of(account, region, node_id)
    settings = preferences.in_force(account, region)
    names = MessageNames(account, region, node_id, settings)
    lacks = caller_obstacle(account, region, node_id)
    if registration.unconnected != "instance-not-running" and lacks is not None:
        return SessionOutcome(lacks, _text("caller", lacks, names))
    if registration.unconnected is not None or registration.role is None:
        delayed = registration.unconnected in _DELAYS or (
            registration.unconnected in _SILENT and awaits_host_management(account, region, node_id)
        )
        return SessionOutcome(registration.unconnected, text_of("not-connected", "", names), delayed=delayed)
    attempt = _Attempt(account, region, node_id, registration, registration.role, settings)
    names = replace(names, node_caller=attempt.node_arn)
    steps: tuple[Callable[[], str | None], ...] = (
        attempt.tier,
        attempt.agent,
        attempt.document,
        attempt.disk,
        attempt.data_channel,
        attempt.open_channel,
        attempt.key,
        attempt.log_group,
        attempt.bucket,
        attempt.run_as,
        attempt.shell,
    )
    for step in steps:
        cause = step()
        if cause is not None:
            return SessionOutcome(cause, _text(step.__name__, cause, names))
    return SessionOutcome(losses=attempt.losses())


def caller_obstacle(account: str, region: str, node_id: str) -> str | None:
    """The slug of what the caller lacks for any session to the node; None where nobody looks."""
    part = _CallerAccess.of(account, region)
    return part.stopped(node_id) if part else None


def caller_losses(account: str, region: str, node_id: str) -> tuple[str, ...]:
    """The slugs of what the caller lacks, and a session opens all the same."""
    part = _CallerAccess.of(account, region)
    return part.losses(node_id) if part else ()


class _CallerAccess:
    """A caller with its policies, in one Region."""

    def __init__(self, account: str, region: str, principal: Principal, policies: Policies) -> None:
        self._account = account
        self._region = region
        self._principal = principal
        self._policies = policies

    @classmethod
    def of(cls, account: str, region: str) -> _CallerAccess | None:
        arn = caller_arn()
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
            session_id = self._own_session().rpartition("/")[2]
            need = Need("kms:GenerateDataKey", key.arn, context_keys(data_key_context(session_id, node_id)))
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
        keys = {
            **request_keys(self._principal, self._region, Need(action, resource)),
            **CALLER_REQUEST_KEYS,
            **(context or {}),
        }
        request = AuthorizationRequest(self._principal, action, resource, Context.of(keys))
        return evaluate(request, self._policies).allowed


def _text(step: str, cause: str, names: MessageNames) -> str:
    """The text that people read; of the handshake, the client's part comes first."""
    if step == "caller":
        return _caller(cause, names)
    if step == "key":
        client = _client_key(cause, names)
        return text_of("decrypt", cause, names) if client is None else handshake_failed(client)
    return text_of(step, cause, names)


def _caller(cause: str, names: MessageNames) -> str:
    who = f"User: {caller_arn()} is not authorized to perform: "
    partition = get_partition(names.region)
    if cause == "kms-caller-denied":
        said = f"{who}kms:GenerateDataKey on resource: {names.key_arn}{_unallowed('kms:GenerateDataKey')}"
        return handshake_failed(client_failed(f"AccessDeniedException: {said}\n\tstatus code: 400, {REQUEST_ID}"))
    if cause == "caller-open-channel-denied":
        session = f"arn:{partition}:ssm:{names.region}:{names.account}:session/{names.session_id}"
        return f"{who}ssmmessages:OpenDataChannel on resource: {session}{_unallowed('ssmmessages:OpenDataChannel')}"
    is_document = cause == "caller-document-denied"
    resource = (document_arn if is_document else node_arn)(
        DOCUMENT_NAME if is_document else names.node_id, names.account, names.region
    )
    return f"{who}ssm:StartSession on resource: {resource}{_unallowed('ssm:StartSession')}"


def client_failed(reason: str) -> str:
    """What the handshake fails with where the client could not make the data key."""
    return (
        "KMSEncryption failed on client with status 2 error: Failed to process action KMSEncryption: "
        f"Error calling KMS GenerateDataKey API: {reason}"
    )


def _client_key(cause: str, names: MessageNames) -> str | None:
    arn = names.key_arn
    reasons = {
        "kms-key-disabled": f"DisabledException: {arn} is disabled.",
        "kms-key-pending-deletion": f"KMSInvalidStateException: {arn} is pending deletion.",
        "kms-key-missing": f"NotFoundException: Key '{arn}' does not exist",
        "kms-key-wrong-region": f"NotFoundException: Invalid arn {_region_of(arn)}",
        "kms-key-unusable": f"InvalidKeyUsageException: {arn} key usage is not valid for GenerateDataKey.",
    }
    reason = reasons.get(cause)
    return None if reason is None else client_failed(f"{reason}\n\tstatus code: 400, {REQUEST_ID}")


def _region_of(arn: str) -> str:
    return arn.split(":")[3] if arn.startswith("arn:") else ""


def _unallowed(action: str) -> str:
    return f" because no identity-based policy allows the {action} action"

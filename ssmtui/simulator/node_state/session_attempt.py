"""The outcome of a session to a node: the caller's permissions and the steps of the agent, judged by the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from moto.iam.models import Role, iam_backends
from moto.kms.models import Key, kms_backends
from moto.logs.models import LogGroup, logs_backends
from moto.s3.models import FakeBucket, s3_backends
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
from ssmtui.simulator.authorisation.permission import (
    ACCESS_CHECK,
    CALLER_REQUEST_KEYS,
    Need,
    checks_documents,
    document_arn,
    log_group_arn,
    log_lookup_arn,
    node_arn,
    permission,
    request_keys,
    tags_of_node,
)
from ssmtui.simulator.authorisation.stored_policies import find_key, find_role
from ssmtui.simulator.node_state import network, preferences
from ssmtui.simulator.node_state.messages import MessageNames, text_of
from ssmtui.simulator.node_state.network import NetworkObstacle, find_instance
from ssmtui.simulator.node_state.preferences import SessionPreferences
from ssmtui.simulator.node_state.registration import NodeIdentity, Registration, awaits_host_management, registration_of
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


def version_numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


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
    if preferences.is_bypassed(account, region):
        yield "custom-document-bypasses"


def _lacks_access_tag(account: str, region: str, key_id: str) -> bool:
    """Whether just-in-time access is in use, and its token does not reach the key."""
    in_use = any(each.type == "ManualApprovalPolicy" for each in hidden(account, region).documents.values())
    key = find_key(account, region, key_id) if key_id else None
    if key is None or not in_use:
        return False
    tags = kms_backends[account][region].list_resource_tags(key.id)["Tags"]
    return {str(tag["TagKey"]): str(tag["TagValue"]) for tag in tags}.get(_ACCESS_TAG) != "true"


TIER_SETTING: Final = "/ssm/managed-instance/activation-tier"
SESSIONS_SINCE: Final = (2, 3, 68, 0)
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-prerequisites.html"""

_ENCRYPTED_SESSIONS_SINCE: Final = (2, 3, 539, 0)
_CHANNELS: Final = "role-channels-denied"
_AT_ENDPOINT: Final = "endpoint-policy-denies"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html: what S3 asks of the key for a log that is
# uploaded in parts, as the agent uploads those above 5 MiB. Smaller ones take the first alone.
_ON_BUCKET_KEY: Final = ("kms:GenerateDataKey", "kms:Decrypt")
_DATA_CHANNEL: Final = ("ssmmessages:CreateDataChannel", "ssmmessages:OpenDataChannel")


class SessionAttempt:
    """The steps of one session; each gives the slug of its fault, or None."""

    def __init__(
        self,
        account: str,
        region: str,
        node_id: str,
        registration: Registration,
        role: Role,
        settings: SessionPreferences,
    ) -> None:
        """`settings` are those of the session's document."""
        self._account = account
        self._region = region
        self._node_id = node_id
        self._registration = registration
        self._identity = NodeIdentity.of(role, node_id, region)
        self._preferences = settings

    @classmethod
    def on(cls, account: str, region: str, node_id: str, settings: SessionPreferences) -> SessionAttempt | None:
        """An attempt on a node; None where it is not connected."""
        registration = registration_of(account, region, node_id)
        if registration.unconnected is not None or registration.role is None:
            return None
        return cls(account, region, node_id, registration, registration.role, settings)

    @property
    def node_arn(self) -> str:
        """The session by which the node calls AWS."""
        return self._identity.principal.caller_arn

    def tier(self) -> str | None:
        """Hybrid nodes take sessions on the advanced tier only."""
        if not self._node_id.startswith("mi-"):
            return None
        setting = hidden(self._account, self._region).service_settings.get(TIER_SETTING)
        return None if setting is not None and setting.value == "advanced" else "hybrid-tier-standard"

    def agent(self) -> str | None:
        """The agent knows sessions, and encrypted ones, from a version on."""
        version = version_numbers(self._registration.agent.version)
        floor = _ENCRYPTED_SESSIONS_SINCE if self._preferences.key_id else SESSIONS_SINCE
        return "agent-too-old" if version < floor else None

    def data_channel(self) -> str | None:
        """The channel that carries the session."""
        return next(
            (cause for action in _DATA_CHANNEL if (cause := self._refused("ssmmessages", action, "*", _CHANNELS))), None
        )

    def document(self) -> str | None:
        """The agent reads the preferences, and drops the request in silence where it cannot."""
        return None if self._preferences.readable else "preferences-malformed"

    def key(self) -> str | None:
        """The handshake: the node decrypts the data key."""
        key_id = self._preferences.key_id
        if not key_id:
            return None
        if key_id.startswith("arn:") and key_id.split(":")[3] != self._region:
            return "kms-key-wrong-region"
        key = find_key(self._account, self._region, key_id)
        if key is None:
            return "kms-key-missing"
        states = {"Disabled": "kms-key-disabled", "PendingDeletion": "kms-key-pending-deletion"}
        if key.key_state in states:
            return states[key.key_state]
        if key.key_spec != "SYMMETRIC_DEFAULT":
            return "kms-key-unusable"
        return self._way_to("kms") or self._refused("kms", "kms:Decrypt", key.arn, "kms-node-denied")

    def log_group(self) -> str | None:
        """Where only encrypted log groups are wanted, the node looks whether this one is."""
        if not (self._preferences.log_group and self._preferences.only_encrypted_log_group):
            return None
        group = self._find_log_group()
        if group is None:
            return "log-group-missing"
        if not group.kms_key_id:
            return "log-group-unencrypted"
        lookup = log_lookup_arn(self._account, self._region)
        return self._way_to("logs") or self._refused("logs", "logs:DescribeLogGroups", lookup, "log-group-unreadable")

    def bucket(self) -> str | None:
        """Where only encrypted buckets are wanted, the node looks whether this one is."""
        name = self._preferences.bucket
        if not (name and self._preferences.only_encrypted_bucket):
            return None
        bucket = self._find_bucket()
        if bucket is None:
            return "s3-bucket-missing"
        way = self._way_to("s3")
        if way is not None:
            return way
        refused = self._refused("s3", "s3:GetEncryptionConfiguration", self._bucket_arn(), "s3-encryption-unreadable")
        if refused is not None:
            return refused
        return None if _encryption(bucket)[0] in {"AES256", "aws:kms"} else "s3-encryption-refused"

    def run_as(self) -> str | None:
        """On Linux and macOS, where Run As is on, somebody has to be named."""
        wanted = self._preferences.run_as and self._registration.agent.platform_type != "Windows"
        named = self._preferences.run_as_user or run_as_user(self._account, self._region)
        return "run-as-user-unset" if wanted and not named else None

    def disk(self) -> str | None:
        """On a full disk no session of any kind gets far enough to say a word."""
        return "root-volume-full" if self._registration.agent.disk_filled else None

    def shell(self) -> str | None:
        """No agent makes the shell's user on a domain controller; on a full disk the shell ends mutely."""
        if self.disk() is not None:
            return self.disk()
        return "domain-controller" if self._registration.agent.domain_controller else None

    def losses(self) -> tuple[str, ...]:
        """What a session that opened does not leave behind."""
        lost: list[str] = []
        if self._preferences.log_group and not self._writes_to_log_group(self._identity):
            lost.append("cloudwatch-logs-lost")
        elif self._preferences.log_group and not self._writes_to_log_group(self._at("logs")):
            lost.append(_AT_ENDPOINT)
        if self._preferences.bucket and not self._writes_to_bucket(self._identity):
            lost.append("s3-logs-lost")
        elif self._preferences.bucket and not self._writes_to_bucket(self._at("s3")):
            lost.append(_AT_ENDPOINT)
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
        algorithm, key_id = _encryption(bucket)
        if algorithm != "aws:kms" or not key_id:
            return True
        key: Key | None = find_key(self._account, self._region, key_id)
        if key is None or key.key_state != "Enabled":
            return False
        return all(self._identity.may_through_s3(action, key.arn) for action in _ON_BUCKET_KEY)

    def _way_to(self, service: str) -> str | None:
        instance = self._registration.instance
        found = network.obstacle(instance, self._as_served(service)) if instance is not None else None
        if found in {NetworkObstacle.ENDPOINT_MISSING, NetworkObstacle.NO_ROUTE}:
            return "log-endpoint-missing"
        return found.value if found is not None else None

    def _refused(self, service: str, action: str, resource: str, cause: str) -> str | None:
        """What refuses the node a call: its own permissions and the resource's, by that cause, or the endpoint's."""
        if not self._identity.may(action, resource):
            return cause
        return None if self._at(service).may(action, resource) else _AT_ENDPOINT

    def _at(self, service: str) -> NodeIdentity:
        instance = self._registration.instance
        if instance is None:
            return self._identity.through(None)
        return self._identity.through(network.endpoint_policy(instance, self._as_served(service)))

    def _as_served(self, service: str) -> str:
        """A service as endpoints serve it: none leads to a bucket of another Region."""
        bucket = self._find_bucket() if service == "s3" else None
        return "s3-abroad" if bucket is not None and bucket.region_name != self._region else service

    def _find_log_group(self) -> LogGroup | None:
        return logs_backends[self._account][self._region].groups.get(self._preferences.log_group)

    def _find_bucket(self) -> FakeBucket | None:
        partition = get_partition(self._region)
        return s3_backends[self._account][partition].buckets.get(self._preferences.bucket)

    def _bucket_arn(self) -> str:
        return f"arn:{get_partition(self._region)}:s3:::{self._preferences.bucket}"


def _encryption(bucket: FakeBucket) -> tuple[str, str]:
    """The algorithm and the key of a bucket's default encryption; S3 encrypts by itself where nothing is set."""
    rules = (bucket.encryption or {}).get("Rule") or {}
    rule = rules[0] if isinstance(rules, list) else rules
    applied = rule.get("ApplyServerSideEncryptionByDefault", {})
    return applied.get("SSEAlgorithm", "AES256"), applied.get("KMSMasterKeyID", "")


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
        return SessionOutcome(lacks, text_of("caller", lacks, names))
    if registration.unconnected is not None or registration.role is None:
        delayed = registration.unconnected in _DELAYS or (
            registration.unconnected in _SILENT and awaits_host_management(account, region, node_id)
        )
        return SessionOutcome(registration.unconnected, text_of("not-connected", "", names), delayed=delayed)
    attempt = SessionAttempt(account, region, node_id, registration, registration.role, settings)
    names = replace(names, node_caller=attempt.node_arn)
    steps: tuple[Callable[[], str | None], ...] = (
        attempt.tier,
        attempt.agent,
        attempt.data_channel,
        attempt.document,
        attempt.key,
        attempt.log_group,
        attempt.bucket,
        attempt.run_as,
        attempt.shell,
    )
    for step in steps:
        cause = step()
        if cause is not None:
            return SessionOutcome(cause, text_of(step.__name__, cause, names))
    return SessionOutcome(losses=attempt.losses())


_RUN_AS_TAG = "SSMSessionRunAs"


def caller_obstacle(account: str, region: str, node_id: str) -> str | None:
    """The slug of what the caller lacks for any session to the node; None where nobody looks."""
    part = _CallerAccess.of(account, region)
    return part.stopped(node_id) if part else None


def caller_losses(account: str, region: str, node_id: str) -> tuple[str, ...]:
    """The slugs of what the caller lacks, and a session opens all the same."""
    part = _CallerAccess.of(account, region)
    return part.losses(node_id) if part else ()


def run_as_user(account: str, region: str) -> str:
    """The operating system user that a tag on the caller names; empty where there is none."""
    arn = caller_arn()
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

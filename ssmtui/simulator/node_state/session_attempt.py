"""Run the steps of a session on its node, each checked against the state of the account."""

from __future__ import annotations

from typing import Final

from moto.iam.models import Role, iam_backends
from moto.logs.models import LogGroup, logs_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation import (
    principal_of,
)
from ssmtui.simulator.authorisation.permission import (
    log_lookup_arn,
)
from ssmtui.simulator.authorisation.stored_policies import find_key, find_role
from ssmtui.simulator.node_state import network
from ssmtui.simulator.node_state.network import NetworkObstacle
from ssmtui.simulator.node_state.preferences import SessionPreferences
from ssmtui.simulator.node_state.registration import NodeIdentity, Registration, registration_of
from ssmtui.simulator.state import caller_arn, hidden


def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


TIER_SETTING: Final = "/ssm/managed-instance/activation-tier"
SESSIONS_SINCE: Final = (2, 3, 68, 0)
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-prerequisites.html"""

_SESSION_USER: Final = "ssm-user"
_INOTIFY_OF_AGENT: Final = 4
"""The inotify instances of the agent itself (docs/facts/data-channel.md §6)."""

_ENCRYPTED_SESSIONS_SINCE: Final = (2, 3, 539, 0)
_CHANNELS: Final = "role-channels-denied"
_AT_ENDPOINT: Final = "endpoint-policy-denies"


class SessionAttempt:
    """The steps of one session; each returns the slug of its fault, or None."""

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
        """Return an attempt on a node; None if the node is not connected."""
        registration = registration_of(account, region, node_id)
        if registration.unconnected is not None or registration.role is None:
            return None
        return cls(account, region, node_id, registration, registration.role, settings)

    @property
    def node_arn(self) -> str:
        """The ARN of the session with which the node calls AWS."""
        return self._identity.principal.caller_arn

    def tier(self) -> str | None:
        """Check the tier of hybrid nodes: AWS removed it, as far as its documentation of the partition aws says."""
        if not self._node_id.startswith("mi-") or get_partition(self._region) == "aws":
            return None
        setting = hidden(self._account, self._region).service_settings.get(TIER_SETTING)
        return None if setting is not None and setting.value == "advanced" else "hybrid-tier-standard"

    def agent(self) -> str | None:
        """Check the agent's version: sessions, and encrypted sessions, need a minimum version."""
        version = version_numbers(self._registration.agent.version)
        floor = _ENCRYPTED_SESSIONS_SINCE if self._preferences.key_id else SESSIONS_SINCE
        return "agent-too-old" if version < floor else None

    def data_channel(self) -> str | None:
        """Check the request for the channel that carries the session."""
        return self._refused("ssmmessages", "ssmmessages:CreateDataChannel", "*", _CHANNELS)

    def open_channel(self) -> str | None:
        """Check the connection to this channel."""
        return self._refused("ssmmessages", "ssmmessages:OpenDataChannel", "*", _CHANNELS)

    def document(self) -> str | None:
        """Check the preferences: the agent silently drops the request if it cannot read them."""
        return None if self._preferences.readable else "preferences-malformed"

    def key(self) -> str | None:
        """Check the handshake: the node decrypts the data key."""
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
        """Check the encryption of the log group, if only encrypted log groups are allowed."""
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
        """Check the encryption of the bucket, if only encrypted buckets are allowed."""
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
        return None if bucket_encryption(bucket)[0] in {"AES256", "aws:kms"} else "s3-encryption-refused"

    def run_as(self) -> str | None:
        """Check the Run As user on Linux and macOS: if Run As is on, a user must be named, exist, and not be root."""
        if not self._preferences.run_as or self._registration.agent.platform_type == "Windows":
            return None
        named = run_as_user(self._account, self._region) or self._preferences.run_as_user
        if not named:
            return "run-as-user-unset"
        return "run-as-user-absent" if named == "root" or named in self._registration.agent.absent else None

    def user(self) -> str | None:
        """Check the user of sessions on Linux and macOS: without Run As, the agent creates it if it is absent."""
        agent = self._registration.agent
        if self._preferences.run_as or agent.platform_type == "Windows" or _SESSION_USER not in agent.absent:
            return None
        return "ssm-user-refused" if "useradd" in agent.absent or self._is_full("/etc") else None

    def plugins(self) -> str | None:
        """Check the agent's own inotify instances: without them, it has no plugin for any session."""
        limit = self._registration.agent.inotify_instances
        return "node-plugin-missing" if limit is not None and limit < _INOTIFY_OF_AGENT else None

    def worker(self) -> str | None:
        """Check the inotify instance of the session's worker: without it, the agent never hears of the worker."""
        limit = self._registration.agent.inotify_instances
        return "worker-crashed" if limit is not None and limit <= _INOTIFY_OF_AGENT else None

    def disk(self) -> str | None:
        """Check the disk: on a full disk the agent cannot write to the worker of the session."""
        return "root-volume-full" if self._is_full("/var/lib/amazon") else None

    def _is_full(self, folder: str) -> bool:
        full = self._registration.agent.full
        return "/" in full or folder in full

    def shell(self) -> str | None:
        """Check the shell: on a domain controller the agent cannot create its user."""
        return "domain-controller" if self._registration.agent.domain_controller else None

    def program(self) -> str | None:
        """Check the program of the shell, which is always `sh` on Linux and macOS."""
        return "shell-start-failed" if "sh" in self._registration.agent.absent else None

    def _way_to(self, service: str) -> str | None:
        instance = self._registration.instance
        found = network.obstacle(instance, self._as_served(service)) if instance is not None else None
        if found in {NetworkObstacle.ENDPOINT_MISSING, NetworkObstacle.NO_ROUTE}:
            return "log-endpoint-missing"
        return found.value if found is not None else None

    def _refused(self, service: str, action: str, resource: str, cause: str) -> str | None:
        """Return what refuses a call of the node: `cause` for its own or the resource's policies, or the endpoint."""
        served = self._as_served(service)
        if not self._identity.may(action, resource, served):
            return cause
        return None if self._at(service).may(action, resource, served) else _AT_ENDPOINT

    def _at(self, service: str) -> NodeIdentity:
        instance = self._registration.instance
        if instance is None:
            return self._identity.through(None)
        return self._identity.through(network.endpoint_policy(instance, self._as_served(service)))

    def _as_served(self, service: str) -> str:
        """Return the service name for endpoints: no endpoint leads to a bucket of another Region."""
        bucket = self._find_bucket() if service == "s3" else None
        return "s3-abroad" if bucket is not None and bucket.region_name != self._region else service

    def _find_log_group(self) -> LogGroup | None:
        return logs_backends[self._account][self._region].groups.get(self._preferences.log_group)

    def _find_bucket(self) -> FakeBucket | None:
        partition = get_partition(self._region)
        return s3_backends[self._account][partition].buckets.get(self._preferences.bucket)

    def _bucket_arn(self) -> str:
        return f"arn:{get_partition(self._region)}:s3:::{self._preferences.bucket}"


def bucket_encryption(bucket: FakeBucket) -> tuple[str, str]:
    """Return the algorithm and the key of a bucket's default encryption; S3 encrypts by default if nothing is set."""
    rules = (bucket.encryption or {}).get("Rule") or {}
    rule = rules[0] if isinstance(rules, list) else rules
    applied = rule.get("ApplyServerSideEncryptionByDefault", {})
    return applied.get("SSEAlgorithm", "AES256"), applied.get("KMSMasterKeyID", "")


_RUN_AS_TAG = "SSMSessionRunAs"


def run_as_user(account: str, region: str) -> str:
    """Return the operating system user in a tag of the caller; empty if there is none."""
    arn = caller_arn()
    role = find_role(account, region, principal_of(arn).arn) if arn else None
    if role is None:
        return ""
    tags = iam_backends[account][get_partition(region)].list_role_tags(role.name, None)[0]
    return next((str(tag["Value"]) for tag in tags if tag["Key"] == _RUN_AS_TAG), "")

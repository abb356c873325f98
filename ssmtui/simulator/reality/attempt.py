"""The steps of one session as the agent of a node takes them, each judged by the state of the simulated account."""

from __future__ import annotations

from typing import Final

from moto.iam.models import Role
from moto.kms.models import Key
from moto.logs.models import LogGroup, logs_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation.actions import log_group_arn, log_lookup_arn
from ssmtui.simulator.authorisation.collect import find_key
from ssmtui.simulator.reality import caller, network
from ssmtui.simulator.reality.credentials import NodeIdentity
from ssmtui.simulator.reality.network import Obstacle
from ssmtui.simulator.reality.preferences import SessionPreferences
from ssmtui.simulator.reality.registration import Registration, registration_of
from ssmtui.simulator.reality.shortcomings import numbers, shortcomings
from ssmtui.simulator.state import hidden

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


class Attempt:
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
    def on(cls, account: str, region: str, node_id: str, settings: SessionPreferences) -> Attempt | None:
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
        version = numbers(self._registration.agent.version)
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
        named = self._preferences.run_as_user or caller.run_as_user(self._account, self._region)
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
            *caller.losses(self._account, self._region, self._node_id),
            *lost,
            *shortcomings(self._account, self._region, self._node_id),
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
        if found in {Obstacle.ENDPOINT_MISSING, Obstacle.NO_ROUTE}:
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

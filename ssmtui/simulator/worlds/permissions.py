"""The permissions of nodes: policy statements by what a session needs of them, and roles made of those."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.simulator.scenario import InlinePolicy, InstanceProfile, Role, StatementJSON
from ssmtui.simulator.state import ACCOUNT

CORE = "AmazonSSMManagedInstanceCore"
HOST_MANAGEMENT = "AmazonSSMManagedEC2InstanceDefaultPolicy"
CHANNEL_ACTIONS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


def allow(actions: str | tuple[str, ...], *resources: str) -> StatementJSON:
    """A statement that allows actions on resources (on everything, where none is given)."""
    return {
        "Effect": "Allow",
        "Action": actions if isinstance(actions, str) else list(actions),
        "Resource": list(resources) if resources else "*",
    }


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where the session preferences of a Region send keys and logs: what a node's role must be able to use.

    `session_key` and `bucket_key` are names of keys of the scenario, or ARNs of keys that it does not have.
    """

    region: str
    session_key: str | None = None
    bucket: str | None = None
    bucket_prefix: str = "sessions"
    bucket_key: str | None = None
    log_group: str | None = None

    @property
    def log_group_arns(self) -> tuple[str, str]:
        """The ARN of the log group and the pattern of its streams."""
        arn = f"arn:aws:logs:{self.region}:{ACCOUNT}:log-group:{self.log_group}"
        return arn, f"{arn}:*"

    def key_use(self) -> tuple[StatementJSON, ...]:
        """kms:Decrypt on the key that encrypts sessions."""
        return (allow("kms:Decrypt", key_arn(self.session_key)),) if self.session_key else ()

    def bucket_lookup(self) -> tuple[StatementJSON, ...]:
        """Reading how the bucket is encrypted."""
        return (allow("s3:GetEncryptionConfiguration", f"arn:aws:s3:::{self.bucket}"),) if self.bucket else ()

    def bucket_write(self) -> tuple[StatementJSON, ...]:
        """Writing session logs to the bucket, and using its key."""
        if not self.bucket:
            return ()
        write = allow("s3:PutObject", f"arn:aws:s3:::{self.bucket}/{self.bucket_prefix}/*")
        if not self.bucket_key:
            return (write,)
        return write, allow(("kms:GenerateDataKey", "kms:Decrypt"), key_arn(self.bucket_key))

    def log_lookup(self) -> tuple[StatementJSON, ...]:
        """Finding the log group: authorised on no group in particular, so it needs every resource."""
        return (allow("logs:DescribeLogGroups"),) if self.log_group else ()

    def log_write(self) -> tuple[StatementJSON, ...]:
        """Writing session logs to the log group."""
        actions = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
        return (allow(actions, *self.log_group_arns),) if self.log_group else ()

    def everything(self) -> tuple[StatementJSON, ...]:
        """All that a session's encryption and logs need."""
        return (
            *self.key_use(),
            *self.bucket_lookup(),
            *self.bucket_write(),
            *self.log_lookup(),
            *self.log_write(),
        )


def key_arn(key: str | None) -> str:
    """A key's ARN, or the reference that seeding replaces by it."""
    return key if key is not None and key.startswith("arn:") else f"<key:{key}>"


def node_role(
    name: str,
    statements: tuple[StatementJSON, ...] = (),
    *,
    managed: tuple[str, ...] = (CORE,),
    trusted: str = "ec2.amazonaws.com",
    path: str = "/",
) -> Role:
    """A role of nodes with one inline policy."""
    inline = (InlinePolicy("session-encryption-and-logs", statements),) if statements else ()
    return Role(name, trusted=(trusted,), managed=managed, inline=inline, path=path)


def profile_of(role: Role) -> InstanceProfile:
    """The instance profile that carries a role of the same name."""
    return InstanceProfile(role.name, role.name)

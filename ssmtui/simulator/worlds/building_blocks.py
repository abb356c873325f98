"""Building blocks of worlds: permissions, networks, preferences, callers, and a small world with one fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ssmtui.simulator.scenario import (
    HEALTHY,
    Agent,
    Bucket,
    DefaultRoute,
    Endpoint,
    Expectation,
    InlinePolicy,
    Instance,
    InstanceProfile,
    Key,
    LogGroup,
    Metadata,
    Network,
    Node,
    Organization,
    Platform,
    Preferences,
    PrefixList,
    RegionScenario,
    Role,
    Scenario,
    SecurityGroup,
    SessionDocument,
    StatementJSON,
    Subnet,
)
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
    """Return a statement that allows actions on resources (on all, if none is given)."""
    return {
        "Effect": "Allow",
        "Action": actions if isinstance(actions, str) else list(actions),
        "Resource": list(resources) if resources else "*",
    }


@dataclass(frozen=True, slots=True)
class Destinations:
    """The keys and log destinations in a Region's session preferences, which a node's role must be able to use.

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
        """Return kms:Decrypt on the key that encrypts sessions."""
        return (allow("kms:Decrypt", key_arn(self.session_key)),) if self.session_key else ()

    def bucket_lookup(self) -> tuple[StatementJSON, ...]:
        """Return the permission to read the bucket's encryption."""
        return (allow("s3:GetEncryptionConfiguration", f"arn:aws:s3:::{self.bucket}"),) if self.bucket else ()

    def bucket_write(self) -> tuple[StatementJSON, ...]:
        """Return the permissions to write session logs to the bucket, and to use its key."""
        if not self.bucket:
            return ()
        write = allow("s3:PutObject", f"arn:aws:s3:::{self.bucket}/{self.bucket_prefix}/*")
        if not self.bucket_key:
            return (write,)
        return write, allow(("kms:GenerateDataKey", "kms:Decrypt"), key_arn(self.bucket_key))

    def log_lookup(self) -> tuple[StatementJSON, ...]:
        """Return the permission to find the log group, which needs every resource: no single group is checked."""
        return (allow("logs:DescribeLogGroups"),) if self.log_group else ()

    def log_write(self) -> tuple[StatementJSON, ...]:
        """Return the permissions to write session logs to the log group."""
        actions = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")
        return (allow(actions, *self.log_group_arns),) if self.log_group else ()

    def everything(self) -> tuple[StatementJSON, ...]:
        """Return all statements that a session's encryption and logs need."""
        return self.everything_but()

    def everything_but(self, *without: str) -> tuple[StatementJSON, ...]:
        """Return the statements of all purposes but these: "key use", "bucket lookup", "log write" and so on."""
        purposes = {
            "key use": self.key_use(),
            "bucket lookup": self.bucket_lookup(),
            "bucket write": self.bucket_write(),
            "log lookup": self.log_lookup(),
            "log write": self.log_write(),
        }
        for purpose in without:
            del purposes[purpose]
        return tuple(statement for statements in purposes.values() for statement in statements)


def key_arn(key: str | None) -> str:
    """Return a key's ARN, or the reference that the setup replaces with it."""
    return key if key is not None and key.startswith("arn:") else f"<key:{key}>"


def node_role(
    name: str,
    statements: tuple[StatementJSON, ...] = (),
    *,
    managed: tuple[str, ...] = (CORE,),
    trusted: str = "ec2.amazonaws.com",
    path: str = "/",
) -> Role:
    """Return a role of nodes with one inline policy."""
    inline = (InlinePolicy("session-encryption-and-logs", statements),) if statements else ()
    return Role(name, trusted=(trusted,), managed=managed, inline=inline, path=path)


def service_role(name: str, statements: tuple[StatementJSON, ...], managed: tuple[str, ...] = (CORE,)) -> Role:
    """Return a role of hybrid nodes with one inline policy."""
    return node_role(name, statements, managed=managed, trusted="ssm.amazonaws.com", path="/service-role/")


def profile_of(role: Role) -> InstanceProfile:
    """Return the instance profile that has a role of the same name."""
    return InstanceProfile(role.name, role.name)


_NODE_GROUP_DESCRIPTION = "Nodes: everything out, nothing in"
_NO_POLICIES: Mapping[str, tuple[StatementJSON, ...]] = MappingProxyType({})
_INTERFACES = ("ssm", "ssmmessages", "kms", "logs")


def nat_network(name: str, prefix: str, *more_groups: SecurityGroup) -> Network:
    """Return a VPC ``10.x.0.0/16`` with a public subnet and two private ones behind a NAT gateway."""
    return Network(
        name=name,
        cidr=f"{prefix}.0.0/16",
        subnets=(
            Subnet(f"{name}-public", f"{prefix}.0.0/24", DefaultRoute.INTERNET_GATEWAY),
            Subnet(f"{name}-private-a", f"{prefix}.10.0/24", DefaultRoute.NAT_GATEWAY),
            Subnet(f"{name}-private-b", f"{prefix}.11.0/24", DefaultRoute.NAT_GATEWAY),
        ),
        security_groups=(SecurityGroup(f"{name}-nodes", _NODE_GROUP_DESCRIPTION), *more_groups),
    )


def endpoint_network(
    name: str,
    prefix: str,
    *,
    without: tuple[str, ...] = (),
    endpoints_open_to: str | None = None,
    policies: Mapping[str, tuple[StatementJSON, ...]] = _NO_POLICIES,
) -> Network:
    """Return a VPC ``10.x.0.0/16`` of one subnet that reaches AWS only through VPC endpoints.

    `without` names services that have no endpoint; `endpoints_open_to` is the network that the endpoints' security
    group admits, by default the VPC's own; `policies` are those of endpoints that do not allow everything.
    """
    subnet, endpoints = f"{name}-isolated", f"{name}-endpoints"
    admitted = endpoints_open_to or f"{prefix}.0.0/16"
    interfaces = tuple(
        Endpoint(s, (subnet,), endpoints, policy=policies.get(s, ())) for s in _INTERFACES if s not in without
    )
    gateways = () if "s3" in without else (Endpoint("s3", (subnet,), policy=policies.get("s3", ())),)
    return Network(
        name=name,
        cidr=f"{prefix}.0.0/16",
        subnets=(Subnet(subnet, f"{prefix}.20.0/24", DefaultRoute.NONE),),
        security_groups=(
            SecurityGroup(f"{name}-nodes", _NODE_GROUP_DESCRIPTION),
            SecurityGroup(endpoints, "VPC endpoints: HTTPS in from the nodes", https_from=(admitted,)),
        ),
        endpoints=interfaces + gateways,
    )


def endpoint_network_by_reference(name: str, prefix: str) -> Network:
    """Return a network of endpoints whose security groups name each other instead of addresses."""
    network = endpoint_network(name, prefix)
    nodes, endpoints = network.security_groups
    return replace(
        network,
        security_groups=(
            replace(nodes, allows_outbound=False, https_to_groups=(endpoints.name,)),
            replace(endpoints, https_from=(), https_from_groups=(nodes.name,)),
        ),
        # A gateway endpoint has no group: access to it depends on addresses.
        endpoints=tuple(
            replace(each, subnets=(f"{name}-isolated",), security_group=endpoints.name) for each in network.endpoints
        ),
    )


def endpoint_network_by_prefix_list(name: str, prefix: str) -> Network:
    """Return a network of endpoints whose security group admits a prefix list, which contains the VPC's own network."""
    network = endpoint_network(name, prefix)
    nodes, endpoints = network.security_groups
    own = PrefixList(f"{name}-networks", ("192.0.2.0/24", f"{prefix}.0.0/16"))
    return replace(
        network,
        prefix_lists=(own,),
        security_groups=(nodes, replace(endpoints, https_from=(), https_from_lists=(own.name,))),
    )


def isolated_network(name: str, prefix: str) -> Network:
    """Return a VPC ``10.x.0.0/16`` of one subnet with neither a gateway nor an endpoint."""
    return Network(
        name=name,
        cidr=f"{prefix}.0.0/16",
        subnets=(Subnet(f"{name}-isolated", f"{prefix}.20.0/24", DefaultRoute.NONE),),
        security_groups=(SecurityGroup(f"{name}-nodes", _NODE_GROUP_DESCRIPTION),),
    )


_DESCRIPTION = "Document to hold regional settings for Session Manager"


def preferences(
    destinations: Destinations,
    *,
    only_encrypted_bucket: bool | str = True,
    only_encrypted_log_group: bool | str = True,
    inputs: Mapping[str, object] | None = None,
    instead_of: Preferences | None = None,
) -> Preferences:
    """Return the document that sends sessions to these destinations; a switch can be ``"true"`` or ``"false"``.

    `inputs` are further settings; `instead_of` is an earlier version that is still the default one.
    """
    settings: Mapping[str, object] = {
        "s3BucketName": destinations.bucket or "",
        "s3KeyPrefix": destinations.bucket_prefix if destinations.bucket else "",
        "s3EncryptionEnabled": only_encrypted_bucket,
        "cloudWatchLogGroupName": destinations.log_group or "",
        "cloudWatchEncryptionEnabled": only_encrypted_log_group,
        "cloudWatchStreamingEnabled": False,
        "kmsKeyId": key_arn(destinations.session_key) if destinations.session_key else "",
        "runAsEnabled": False,
        "runAsDefaultUser": "",
        "idleSessionTimeout": "20",
        "maxSessionDuration": "60",
        "shellProfile": {"windows": "", "linux": "cd ~ && exec bash --login"},
        **(inputs or {}),
    }
    document = {
        "schemaVersion": "1.0",
        "description": _DESCRIPTION,
        "sessionType": "Standard_Stream",
        "inputs": settings,
    }
    earlier = instead_of.content if instead_of is not None else None
    return Preferences(json.dumps(document, indent=2), default_content=earlier)


def preferences_in_yaml(destinations: Destinations) -> Preferences:
    """Return the same as YAML with comments; both switches are on."""
    return Preferences(
        f"""\
schemaVersion: "1.0"
description: {_DESCRIPTION}
sessionType: Standard_Stream
inputs:
  # Audit: ticket SEC-211 asks for both destinations.
  s3BucketName: {destinations.bucket or '""'}
  s3KeyPrefix: {destinations.bucket_prefix}
  s3EncryptionEnabled: true
  cloudWatchLogGroupName: {destinations.log_group or '""'}
  cloudWatchEncryptionEnabled: true
  idleSessionTimeout: "15"
  shellProfile:
    linux: |
      cd ~
      exec bash --login
""",
        format="YAML",
    )


_PREFERENCES = f"arn:aws:ssm:*:{ACCOUNT}:document/SSM-SessionManagerRunShell"
_TRUSTED = (f"arn:aws:iam::{ACCOUNT}:root",)

_SESSIONS: tuple[StatementJSON, ...] = (
    allow(
        "ssm:StartSession",
        f"arn:aws:ec2:*:{ACCOUNT}:instance/*",
        f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*",
        _PREFERENCES,
        "arn:aws:ssm:*::document/AWS-StartInteractiveCommand",
        "arn:aws:ssm:*::document/AWS-StartNonInteractiveCommand",
        "arn:aws:ssm:*::document/AWS-StartPortForwardingSession",
        "arn:aws:ssm:*::document/AWS-StartPortForwardingSessionToRemoteHost",
        "arn:aws:ssm:*::document/AWS-StartSSHSession",
    ),
    allow(
        ("ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"),
        "arn:aws:ssm:*:*:session/${aws:userid}-*",
    ),
    allow("kms:GenerateDataKey", f"arn:aws:kms:*:{ACCOUNT}:key/*"),
    allow(("ssm-guiconnect:StartConnection", "ssm-guiconnect:GetConnection", "ssm-guiconnect:CancelConnection")),
)

_SESSION_PREFERENCES = allow(
    ("ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:DeleteDocument"), _PREFERENCES
)

_REPAIRS: tuple[StatementJSON, ...] = (
    allow(
        (
            "iam:PutRolePolicy",
            "iam:DeleteRolePolicy",
            "iam:AttachRolePolicy",
            "iam:DetachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:PassRole",
        ),
        f"arn:aws:iam::{ACCOUNT}:role/*",
    ),
    allow(
        ("iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"),
        f"arn:aws:iam::{ACCOUNT}:instance-profile/*",
    ),
    allow(
        (
            "ec2:AssociateIamInstanceProfile",
            "ec2:DisassociateIamInstanceProfile",
            "ec2:ReplaceIamInstanceProfileAssociation",
            "ec2:ModifyInstanceMetadataOptions",
            "ec2:StartInstances",
            "ec2:StopInstances",
            "ec2:RebootInstances",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:CreateVpcEndpoint",
            "ec2:CreateTags",
            "ec2:ModifyVpcEndpoint",
            "ec2:DeleteVpcEndpoints",
            "ec2:ModifyVpcAttribute",
        )
    ),
    allow("route53:AssociateVPCWithHostedZone"),
    allow(("ssm:UpdateServiceSetting", "ssm:ResetServiceSetting")),
    allow(
        (
            "kms:EnableKey",
            "kms:DisableKey",
            "kms:CancelKeyDeletion",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
        ),
        f"arn:aws:kms:*:{ACCOUNT}:key/*",
    ),
    allow(
        ("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:AssociateKmsKey", "logs:DisassociateKmsKey"),
        f"arn:aws:logs:*:{ACCOUNT}:log-group:*",
    ),
    allow("ssm:SendCommand"),
)


def _engineer(*policies: InlinePolicy) -> Role:
    return Role("Engineer", trusted=_TRUSTED, managed=("ReadOnlyAccess",), inline=policies)


_OPEN_SESSIONS = InlinePolicy("open-sessions", _SESSIONS)

ENGINEER = _engineer(_OPEN_SESSIONS, InlinePolicy("repair", (_SESSION_PREFERENCES, *_REPAIRS)))
"""Can read everything, open sessions and apply fixes."""

WITH_DOCUMENTS = _engineer(
    InlinePolicy("open-sessions", (*_SESSIONS, allow("ssm:StartSession", f"arn:aws:ssm:*:{ACCOUNT}:document/Acme-*")))
)
"""Can read everything, and open sessions, also with some documents of the account."""

READER = _engineer(_OPEN_SESSIONS)
"""Can read everything and open sessions, and change nothing."""

_NODE_ARNS = (f"arn:aws:ec2:*:{ACCOUNT}:instance/*", f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*")
_OWN_SESSIONS = "arn:aws:ssm:*:*:session/${aws:userid}-*"
_START = allow("ssm:StartSession", *_NODE_ARNS, _PREFERENCES)
_OWN = allow(("ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"), _OWN_SESSIONS)
_KEYS = allow("kms:GenerateDataKey", f"arn:aws:kms:*:{ACCOUNT}:key/*")


def _opener(*statements: StatementJSON) -> Role:
    return _engineer(InlinePolicy("open-sessions", statements))


WITHOUT_START = _opener(_OWN, _KEYS)
"""Can do everything with sessions except start one."""

BY_ACCESS_REQUEST = _opener(allow("ssm:StartAccessRequest", *_NODE_ARNS), _OWN, _KEYS)
"""Can request access, and start no session without it."""

BY_TAG = _opener({**_START, "Condition": {"StringEquals": {"ssm:resourceTag/Env": "test"}}}, _OWN, _KEYS)
"""Can start sessions to nodes with a tag."""

WITHOUT_ONE_NODE = _opener(
    allow("ssm:StartSession", f"arn:aws:ec2:*:{ACCOUNT}:instance/*"),
    {"Effect": "Deny", "Action": "ssm:StartSession", "Resource": f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*"},
    _OWN,
    _KEYS,
)
"""Can start sessions to instances and is denied everything else."""

WITHOUT_DOCUMENT = _opener(
    {
        **allow("ssm:StartSession", *_NODE_ARNS, "arn:aws:ssm:*::document/AWS-StartSSHSession"),
        "Condition": {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
    },
    _OWN,
    _KEYS,
)
"""Can start SSH sessions, and requires checks of documents."""

WITHOUT_CHANNEL = _opener(_START, allow(("ssm:TerminateSession", "ssm:ResumeSession"), _OWN_SESSIONS), _KEYS)
"""Can start sessions, but not open their channel."""

WITHOUT_TERMINATE = _opener(_START, allow(("ssm:ResumeSession", "ssmmessages:OpenDataChannel"), _OWN_SESSIONS), _KEYS)
"""Can start sessions, but not end them."""

WITHOUT_RESUME = _opener(_START, allow(("ssm:TerminateSession", "ssmmessages:OpenDataChannel"), _OWN_SESSIONS), _KEYS)
"""Can start sessions, but not resume them."""

WITHOUT_DESKTOP = _opener(_START, _OWN, _KEYS)
"""Can open shells, but no remote desktop."""

WITHOUT_KEY = _opener(_START, _OWN)
"""Can start sessions, but not generate their data keys."""


def with_key_statements(*statements: StatementJSON) -> Role:
    """Return a caller that can start sessions, and has more statements for their data keys."""
    return _opener(_START, _OWN, *statements)


_HERE = {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}, "Bool": {"aws:SecureTransport": "true"}}
_NOT_ELSEWHERE = {
    "Effect": "Deny",
    "Action": ["ssm:*", "ssmmessages:*", "kms:*"],
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-3"}},
}
_NOT_OTHERS = {
    "Effect": "Deny",
    "Action": "ssm:StartSession",
    "Resource": "*",
    "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Engineer"}},
}
ON_CONDITIONS = _opener(
    *({**each, "Condition": _HERE} for each in (_START, _OWN, _KEYS, _SESSIONS[-1])), _NOT_ELSEWHERE, _NOT_OTHERS
)
"""Can open sessions in one Region, over TLS, under its own name."""

WITHOUT_PERMISSIONS = Role(
    "Engineer", trusted=_TRUSTED, inline=(InlinePolicy("whoami", (allow("ec2:DescribeRegions"),)),)
)
"""Cannot even list nodes."""

WITHOUT_SIMULATION = _engineer(
    _OPEN_SESSIONS,
    InlinePolicy("repair", (_SESSION_PREFERENCES, *_REPAIRS)),
    InlinePolicy(
        "no-simulation",
        ({"Effect": "Deny", "Action": ["iam:SimulatePrincipalPolicy", "iam:SimulateCustomPolicy"], "Resource": "*"},),
    ),
)
"""Can do everything except simulate a role's permissions in IAM."""

ADMINISTRATOR = Role("Engineer", trusted=_TRUSTED, managed=("AdministratorAccess",))
"""Can do everything."""

BOUNDED = Role(
    "Engineer", trusted=_TRUSTED, managed=("ReadOnlyAccess",), inline=(_OPEN_SESSIONS,), boundary="ReadOnlyAccess"
)
"""Can open sessions by its own policies, but its boundary does not allow it."""

PERMISSION_SET = Role(
    "AWSReservedSSO_Operators_0123456789abcdef",
    trusted=_TRUSTED,
    managed=("ReadOnlyAccess",),
    inline=(InlinePolicy("AwsSSOInlinePolicy", (_OWN, _KEYS)),),
    path="/aws-reserved/sso.amazonaws.com/eu-west-3/",
)
"""A user with a permission set of IAM Identity Center, which lacks the permission to start sessions."""


REGION = "eu-west-3"
DESTINATIONS = Destinations(
    region=REGION, session_key="sessions", bucket="small-session-audit", log_group="/ssm/session-manager"
)
WEB = node_role("web", DESTINATIONS.everything())
WEB_WITHOUT_DESTINATIONS = node_role("web")
KEYS = (Key("sessions"), Key("session-logs", serves_logs=True))
BUCKETS = (Bucket("small-session-audit"),)
ENCRYPTED_GROUPS = (LogGroup("/ssm/session-manager", key="session-logs"),)
UNENCRYPTED_GROUPS = (LogGroup("/ssm/session-manager"),)
PREFERENCES = preferences(DESTINATIONS)


def small_world(
    nodes: tuple[Node, ...],
    *,
    preferences: Preferences | None = PREFERENCES,
    roles: tuple[Role, ...] = (WEB,),
    networks: tuple[Network, ...] | None = None,
    keys: tuple[Key, ...] = KEYS,
    buckets: tuple[Bucket, ...] = BUCKETS,
    log_groups: tuple[LogGroup, ...] = ENCRYPTED_GROUPS,
    session_documents: tuple[SessionDocument, ...] = (),
    host_management_role: str | None = None,
    advanced_tier: bool = False,
    other_regions: tuple[RegionScenario, ...] = (),
    caller: Role = ENGINEER,
    organization: Organization | None = None,
) -> Scenario:
    """Return a world of one Region with these nodes, where everything that is not given is sound."""
    home = RegionScenario(
        name=REGION,
        networks=networks or (nat_network("main", "10.30"),),
        keys=keys,
        buckets=buckets,
        log_groups=log_groups,
        preferences=preferences,
        session_documents=session_documents,
        host_management_role=host_management_role,
        advanced_tier=advanced_tier,
        nodes=nodes,
    )
    return Scenario((home, *other_regions), roles, _profiles(roles), caller, organization)


def _profiles(roles: tuple[Role, ...]) -> tuple[InstanceProfile, ...]:
    return tuple(profile_of(role) for role in roles if "ec2.amazonaws.com" in role.trusted)


def node(
    name: str,
    expected: Expectation = HEALTHY,
    *,
    profile: str | None = WEB.name,
    network: str = "main",
    subnet: str = "private-a",
    platform: Platform = Platform.AMAZON_LINUX,
    agent: Agent | None = None,
    metadata: Metadata | None = None,
    console_output: str | None = None,
) -> Instance:
    """Return a running instance behind NAT with a healthy role, by default."""
    return Instance(
        name,
        f"{network}-{subnet}",
        profile,
        platform,
        security_group=f"{network}-nodes",
        metadata=metadata or Metadata(),
        agent=agent or Agent(),
        tags={"Env": "test", "Team": "Platform"},
        console_output=console_output,
        expected=expected,
    )


def two_nodes(expected: Expectation = HEALTHY) -> tuple[Instance, Instance]:
    """Return two nodes that are alike."""
    return node("web-1", expected), node("web-2", expected)

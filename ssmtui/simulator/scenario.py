"""Declare a scenario: the resources built by API calls, the state that AWS hides, and the expected diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, StrEnum

AZURE, GOOGLE_CLOUD = "Microsoft.Compute/virtualMachines", "compute.googleapis.com/Instance"
"""The SourceTypes of machines in other clouds."""


class Verdict(StrEnum):
    """A node's verdict, in the words of the report."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    RESTRICTED = "restricted"


class Control(StrEnum):
    """The kinds of healthy nodes that look broken, and must never fail."""

    NAT_ONLY = "private subnet with NAT only"
    ENDPOINTS_ONLY = "interface endpoints only, without ec2messages"
    ENDPOINT_IN_ANOTHER_ZONE = "endpoint in another availability zone"
    GROUPS_BY_REFERENCE = "security groups by reference"
    INLINE_POLICY = "inline policy instead of the managed one"
    HOST_MANAGEMENT = "host management without a profile"
    KEY_NAMES_ROLE = "key policy that names the role directly"
    KEY_BY_ALIAS = "key by alias"
    KEY_BY_ID = "key by id"
    KEY_BY_ARN = "key by ARN"
    SSE_S3 = "SSE-S3 bucket"
    ENCRYPTED_GROUP = "encrypted group with lookup permission"
    SWITCHES_AS_TEXTS = "booleans stored as strings"
    NO_PREFERENCES = "absent preferences"
    JUST_LAUNCHED = "node launched a minute ago"
    STOPPED = "stopped node"
    RUN_AS_BY_TAG = "Run As overridden by a tag"
    ADVANCED_TIER = "hybrid node on the advanced tier"
    OTHER_CLOUD = "machine of another cloud"
    SHARED_SUBNET = "RAM-shared subnet"
    TRANSLATED_AT_INTERNET_GATEWAY = "no public address, behind a firewall that translates"
    INSIDE_PERIMETER = "inside a data perimeter"
    SPARED_BY_TAG = "left out of a data perimeter by a tag"
    OWN_ARN = "registers by its own ARN alone"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected diagnosis of the node.

    `cause` is the slug behind the verdict: the root cause of a failing node, the first warning of a node that works
    with a fault, None for a healthy node. `also` are further causes that must be found on the node. `control` is the
    kind of a node that must never fail.
    """

    verdict: Verdict = Verdict.OK
    cause: str | None = None
    also: tuple[str, ...] = ()
    control: Control | None = None

    @property
    def root_cause(self) -> str | None:
        """The report's `root_cause`: only a failing finding is one."""
        return self.cause if self.verdict is Verdict.FAIL else None


def fails(cause: str, *also: str) -> Expectation:
    """Return the expectation that a session to this node cannot be opened."""
    return Expectation(Verdict.FAIL, cause, also)


def unseen(cause: str, *also: str) -> Expectation:
    """Return the expectation that this cause may block sessions or lose their logs, which AWS does not show."""
    return Expectation(Verdict.UNKNOWN, cause, also)


def warns(cause: str, *also: str) -> Expectation:
    """Return the expectation that a session opens, but something is lost."""
    return Expectation(Verdict.WARN, cause, also)


def sound(control: Control, *also: str) -> Expectation:
    """Return the expectation that a session opens, although the node looks broken."""
    return Expectation(also=also, control=control)


HEALTHY = Expectation()
STOPPED = Expectation(Verdict.STOPPED, "instance-not-running")
RESTRICTED = Expectation(Verdict.RESTRICTED, "instance-service-managed")


StatementJSON = Mapping[str, object]
"""A statement of a policy, as JSON."""


@dataclass(frozen=True, slots=True)
class InlinePolicy:
    """An inline policy of a role."""

    name: str
    statements: tuple[StatementJSON, ...]


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization of the account: the service control policies of its root and of the account.

    Both levels also have `FullAWSAccess`, as AWS attaches it.
    """

    root_policies: tuple[InlinePolicy, ...] = ()
    account_policies: tuple[InlinePolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A role: who can assume it, and what it is allowed to do. `boundary` and `managed` are names of policies of AWS.

    `external_id` is the external ID that its trust policy requires.
    """

    name: str
    trusted: tuple[str, ...] = ("ec2.amazonaws.com",)
    managed: tuple[str, ...] = ()
    inline: tuple[InlinePolicy, ...] = ()
    boundary: str | None = None
    path: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class InstanceProfile:
    """An instance profile, and its role (None if it is empty)."""

    name: str
    role: str | None


class Platform(Enum):
    """An operating system as Systems Manager names it: type, name, version; and its AMI."""

    AMAZON_LINUX = ("Linux", "Amazon Linux", "2023", "ami-0a1b2c3d4e5f60001", "al2023-ami-2023.9.20261020.0-x86_64")
    UBUNTU = ("Linux", "Ubuntu", "24.04", "ami-0a1b2c3d4e5f60002", "ubuntu-noble-24.04-amd64-server-20261015")
    RED_HAT = ("Linux", "Red Hat Enterprise Linux", "9.4", "ami-0a1b2c3d4e5f60003", "RHEL-9.4.0_HVM-20261001-x86_64")
    WINDOWS = (
        "Windows",
        "Microsoft Windows Server 2022 Datacenter",
        "10.0.20348",
        "ami-0a1b2c3d4e5f60004",
        "Windows_Server-2022-English-Full-Base-2026.10.14",
    )
    WINDOWS_2025 = (
        "Windows",
        "Microsoft Windows Server 2025 Datacenter",
        "10.0.26100",
        "ami-0a1b2c3d4e5f60006",
        "Windows_Server-2025-English-Full-Base-2024.11.04",
    )
    SUSE = ("Linux", "SLES", "15.5", "ami-0a1b2c3d4e5f60007", "suse-sles-15-sp5-v20250110-hvm-ssd-x86_64")
    WINDOWS_2012 = (
        "Windows",
        "Microsoft Windows Server 2012 R2 Standard",
        "6.3.9600",
        "ami-0a1b2c3d4e5f60005",
        "Windows_Server-2012-R2_RTM-English-64Bit-Base-2023.10.11",
    )

    def __init__(self, kind: str, title: str, version: str, image_id: str, image_name: str) -> None:
        self.kind = kind
        self.title = title
        self.version = version
        self.image_id = image_id
        self.image_name = image_name


@dataclass(frozen=True, slots=True)
class Agent:
    """The state of a node that AWS hides: its SSM Agent and its operating system.

    `registered_before` means that Systems Manager knows the node from an earlier time: it is listed even if it cannot
    report now. `shadowed_by` is the name of a role whose credentials the agent finds before its own, `lost_by` the slug
    of the cause that removed the agent's service. `distrusts`: it trusts no certificate authority. `full` are folders
    on file systems that became full after the agent had connected; it stays connected. `absent` are the names of
    operating system users and programs that the node does not have. `inotify_instances` is how many the node allows;
    None: enough.
    """

    installed: bool = True
    running: bool = True
    version: str = "3.3.5828.0"
    registered_before: bool = True
    disk_full: bool = False
    domain_controller: bool = False
    hibernating: bool = False
    clock_skewed: bool = False
    channel_stuck: bool = False
    shadowed_by: str = ""
    out_of_watches: bool = False
    distrusts: bool = False
    lost_by: str = ""
    full: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    inotify_instances: int | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """The instance metadata options of a node."""

    enabled: bool = True
    tokens_required: bool = True


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance. `profile_attached_ago` is None if it was launched with its profile.

    `left_open` are its active sessions, by their ages; `updates` the failed updates of its agent, by their ages.
    `second_interface` holds the subnet and the security group of an additional interface. `from_afar` is the
    expectation for a diagnosis of the fleet, if that finds less than the `expected` inspection of the node.
    `managed_by` is the principal of the AWS service that manages the instance: EC2 hides it from listings.
    """

    name: str
    subnet: str
    profile: str | None
    platform: Platform = Platform.AMAZON_LINUX
    security_group: str = "nodes"
    running: bool = True
    metadata: Metadata = Metadata()
    agent: Agent = Agent()
    tags: Mapping[str, str] = field(default_factory=dict)
    console_output: str | None = None
    launched_ago: timedelta = timedelta(days=40)
    profile_attached_ago: timedelta | None = None
    impaired: bool = False
    left_open: tuple[timedelta, ...] = ()
    second_interface: tuple[str, str] | None = None
    updates: tuple[timedelta, ...] = ()
    managed_by: str = ""
    expected: Expectation = HEALTHY
    expected_in_fleet: Expectation | None = None


@dataclass(frozen=True, slots=True)
class HybridNode:
    """A machine outside EC2, registered by an activation; `same_machine_as` is the instance that it really is.

    `source_type` and `location` are of a machine in another cloud. A Cloud Connector deletes its activation.
    """

    name: str
    role: str
    address: str
    platform: Platform = Platform.UBUNTU
    agent: Agent = Agent()
    same_machine_as: str | None = None
    source_type: str = "AWS::SSM::ManagedInstance"
    location: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    expected: Expectation = HEALTHY


Node = Instance | HybridNode


def fleet_expectation(node: Node) -> Expectation:
    """Return the expected diagnosis of a node in a diagnosis of the whole fleet."""
    less = node.expected_in_fleet if isinstance(node, Instance) else None
    return less or node.expected


class DefaultRoute(StrEnum):
    """The target of a subnet's default route."""

    INTERNET_GATEWAY = "internet-gateway"
    NAT_GATEWAY = "nat-gateway"
    DELETED_NAT_GATEWAY = "deleted-nat-gateway"
    TRANSIT_GATEWAY = "transit-gateway"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AclEntry:
    """A deny entry of a subnet's network ACL, before the entries that allow everything. Ports are the packets' own."""

    cidr: str
    ports: tuple[int, int]
    outbound: bool


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; instances in a subnet behind an internet gateway get a public address, unless a firewall inspects it.

    If it is `ipv6_only`, it has an IPv6 network of the VPC instead of `cidr`, and reaches a NAT gateway by NAT64.
    `shared_by` is the account that owns it, if that is another account. `firewall` is how the Automated Internet
    Firewall of the VPC connects it, in EC2's words; empty without one.
    """

    name: str
    cidr: str
    default_route: DefaultRoute
    ipv6_only: bool = False
    dns64: bool = False
    shared_by: str | None = None
    firewall: str = ""
    denials: tuple[AclEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A prefix list of the account."""

    name: str
    cidrs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group: the networks, groups and prefix lists from which it accepts HTTPS, and its outbound rules.

    If `allows_outbound` is off, it allows HTTPS only to the groups `https_to_groups` and to the networks `https_to`.
    """

    name: str
    description: str
    https_from: tuple[str, ...] = ()
    allows_outbound: bool = True
    https_from_groups: tuple[str, ...] = ()
    https_to_groups: tuple[str, ...] = ()
    https_from_lists: tuple[str, ...] = ()
    https_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint: an interface in subnets behind a security group, or a gateway (s3) in their route tables.

    Without statements it has the policy that allows everything.
    """

    service: str
    subnets: tuple[str, ...]
    security_group: str | None = None
    private_dns: bool = True
    policy: tuple[StatementJSON, ...] = ()

    @property
    def is_gateway(self) -> bool:
        """Whether it is an entry of route tables."""
        return self.security_group is None


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC. Its NAT gateway is in the subnet `nat_in`, by default the first with a route to the internet."""

    name: str
    cidr: str
    subnets: tuple[Subnet, ...]
    security_groups: tuple[SecurityGroup, ...]
    endpoints: tuple[Endpoint, ...] = ()
    dns_support: bool = True
    dns_hostnames: bool = True
    nat_gateway_subnet: str | None = None
    private_nat: bool = False
    prefix_lists: tuple[PrefixList, ...] = ()

    @property
    def has_ipv6(self) -> bool:
        """Whether any of its subnets has IPv6."""
        return any(subnet.ipv6_only for subnet in self.subnets)


class KeyState(StrEnum):
    """The state in which a key is left after its creation."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"


@dataclass(frozen=True, slots=True)
class Key:
    """A customer key, symmetric by default; `serves_logs` lets CloudWatch Logs of its Region use it.

    `granted_to` are names of roles (or of a role and a node, whose session it is, with `/` between) to which a grant
    gives the operations `granted`, within the `constraints` of the grant. `aliases` are more aliases than its own.
    """

    name: str
    state: KeyState = KeyState.ENABLED
    serves_logs: bool = False
    statements: tuple[StatementJSON, ...] = ()
    spec: str = "SYMMETRIC_DEFAULT"
    tags: Mapping[str, str] = field(default_factory=dict)
    granted_to: tuple[str, ...] = ()
    granted: tuple[str, ...] = ("Decrypt",)
    constraints: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket: encrypted with a key, or by S3 if `key` is None; `doubly` with two layers of KMS (DSSE).

    `has_abac`: its tags are in requests for it (attribute-based access control).
    """

    name: str
    key: str | None = None
    has_dual_layer_encryption: bool = False
    statements: tuple[StatementJSON, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    has_abac: bool = False


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group, and its encryption key."""

    name: str
    key: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preferences:
    """The session preferences document of a Region, as stored.

    `default_content` is the content of an earlier version that is still the default; None if the latest is the default.
    """

    content: str
    format: str = "JSON"
    default_content: str | None = None


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """A document of the account besides the preferences, by default of type Session."""

    name: str
    content: str
    type: str = "Session"


@dataclass(frozen=True, slots=True)
class AccessDecision:
    """The decision on a request for just-in-time access, and its delay."""

    approves: bool = True
    after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class RegionScenario:
    """The contents of one Region; the names of subnets and security groups are unique in it.

    `host_management_role` is the value of its service setting, None if host management is off, and
    `host_management_set_ago` the time since it was set. `imdsv2_enforced` is the account's setting of EC2 in the
    Region. `approval_policies` are the names of documents by which just-in-time node access is granted, as
    `access_decision` says.
    """

    name: str
    networks: tuple[Network, ...] = ()
    keys: tuple[Key, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()
    preferences: Preferences | None = None
    session_documents: tuple[SessionDocument, ...] = ()
    approval_policies: tuple[str, ...] = ()
    access_decision: AccessDecision = AccessDecision()
    host_management_role: str | None = None
    host_management_set_ago: timedelta = timedelta(days=40)
    imdsv2_enforced: bool = False
    advanced_tier: bool = False
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberAccount:
    """Another account of the organization, and its contents. `state` is the state that AWS reports."""

    account: str
    name: str
    regions: tuple[RegionScenario, ...] = ()
    roles: tuple[Role, ...] = ()
    profiles: tuple[InstanceProfile, ...] = ()
    state: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A complete world; its first Region is the home Region. `caller` is the role of the person who runs the diagnosis.

    `members` are the other accounts of the organization, which lists them to the caller's account; `role_in_members` is
    the name of the role that the caller assumes there. `worlds.world` sets `name` and `summary`.
    """

    regions: tuple[RegionScenario, ...]
    roles: tuple[Role, ...]
    profiles: tuple[InstanceProfile, ...]
    caller: Role
    organization: Organization | None = None
    members: tuple[MemberAccount, ...] = ()
    role_in_members: str | None = None
    name: str = ""
    summary: str = ""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of all Regions."""
        return tuple(node for region in self.regions for node in region.nodes)


NO_SPACE_LEFT = """\
[    0.000000] Linux version 5.14.0-427.el9.x86_64 (mockbuild@x86-64) #1 SMP PREEMPT_DYNAMIC
[    5.812345] systemd[1]: Started System Logging Service.
[   12.104312] cloud-init[1021]: Cloud-init v. 23.4 finished. Datasource DataSourceEc2Local. Up 12.10 seconds
[1843920.118201] systemd-journald[612]: Failed to open system journal: No space left on device
[1843920.118677] amazon-ssm-agent[1187]: Failed to write instance registration: write /var/lib/amazon/ssm/ipc/health: no space left on device
[1843921.551003] rsyslogd[801]: file '/var/log/messages'[9] write error - see https://www.rsyslog.com/solving-rsyslog-write-errors/ for help OS error: No space left on device
"""  # noqa: E501 - lines as a console shows them

PANICKED = """\
[    0.000000] Linux version 6.1.102-111.182.amzn2023.x86_64 (mockbuild@build) #1 SMP PREEMPT_DYNAMIC
[    1.874110] List of all partitions:
[    1.874342] No filesystem could mount root, tried:
[    1.874511] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)
"""

HIBERNATING = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   35.110023] amazon-ssm-agent[1630]: Entering SSM Agent hibernate - RequestError: send request failed
"""

WITHOUT_USER = f"""{HIBERNATING}\
[   38.200114] amazon-ssm-agent[1630]: Failed to create ssm-user: exit status 9
"""

CLOCK_SKEWED = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   12.402210] amazon-ssm-agent[1630]: InvalidSignatureException: Signature expired: 20261001T080000Z is now earlier than 20261125T095500Z
"""  # noqa: E501 - lines as a console shows them

DISTRUSTING = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[    9.301442] amazon-ssm-agent[1630]: Error getting EC2 credentials: RequestError: send request failed
[    9.301457] amazon-ssm-agent[1630]: caused by: Post "https://ssm.eu-west-3.amazonaws.com/": x509: certificate signed by unknown authority
"""  # noqa: E501 - lines as a console shows them

STARTED = """\
[    0.000000] Linux version 6.1.102-111.182.amzn2023.x86_64 (mockbuild@build) #1 SMP PREEMPT_DYNAMIC
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v{version} is running
[    9.993120] cloud-init[1544]: Cloud-init v. 22.2.2 finished. Datasource DataSourceEc2. Up 9.99 seconds
"""

WITHOUT_AGENT = """\
[    0.000000] Linux version 5.14.0-427.el9.x86_64 (mockbuild@x86-64) #1 SMP PREEMPT_DYNAMIC
[    5.812345] systemd[1]: Started System Logging Service.
[   11.402317] systemd[1]: Reached target Multi-User System.
[   12.104312] cloud-init[1021]: Cloud-init v. 23.4 finished. Datasource DataSourceEc2Local. Up 12.10 seconds
rhel login:
"""

OUT_OF_WATCHES = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[84211.334051] amazon-ssm-agent[1630]: ERROR failed to create channel: too many open files
"""

REFUSED_CHANNEL = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   35.110023] amazon-ssm-agent[1630]: CreateControlChannel failed with error: createControlChannel request failed: unexpected response from the service <AccessDeniedException><Message>User is not authorized to perform: ssmmessages:CreateControlChannel</Message></AccessDeniedException>
"""  # noqa: E501 - lines as a console shows them

REFUSED_REPORT = """\
[    4.221013] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.
[    4.876541] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.5828.0 is running
[   35.110023] amazon-ssm-agent[1630]: Entering SSM Agent hibernate - AccessDeniedException: User is not authorized to perform: ssm:UpdateInstanceInformation
"""  # noqa: E501 - lines as a console shows them


def role_of_hybrid_nodes(scenario: Scenario) -> str | None:
    """Return the first role of a scenario that hybrid nodes can have; None if there is none."""
    return next((each.name for each in scenario.roles if "ssm.amazonaws.com" in each.trusted), None)

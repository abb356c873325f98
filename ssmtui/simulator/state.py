"""Hold the state that moto does not store: hidden facts of accounts and Regions, issued access, the organization."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Final

from ssmtui.simulator.process import CALLER_ACCESS_KEY
from ssmtui.simulator.request_control import Faults, Gate, Journal
from ssmtui.simulator.scenario import AccessDecision, Scenario
from ssmtui.simulator.scenario import Agent as DeclaredAgent

ACCOUNT: Final = "123456789012"

ORGANIZATION: Final = "o-a1b2c3d4e5"
"""The id of the organization, in worlds that have one."""

SETUP_ACCESS_KEY: Final = "AKIASIMULATORSEEDING"
"""The access key of the setup: it passes the gate, needs no permission, and is not in the journal."""


@dataclass(frozen=True, slots=True)
class Agent(DeclaredAgent):
    """A node's SSM Agent and the operating system that it reports.

    `last_ping_age` is the time between its last report and the creation of the scenario, if it cannot report now.
    `reconnects_at` is when it has its control channel again, after the program that held it was killed.
    """

    last_ping_age: timedelta = timedelta(hours=3)
    platform_type: str = "Linux"
    platform_name: str = "Amazon Linux"
    platform_version: str = "2023"
    computer_name: str = ""
    reconnects_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HybridNode:
    """A machine outside EC2 that was registered by an activation. `iam_role` is the name of its service role.

    `public_key` is the key of a real agent, which registered through the API; it is empty for a simulated agent.
    """

    node_id: str
    name: str
    iam_role: str
    ip_address: str
    activation_id: str
    registered_at: datetime
    source_type: str = "AWS::SSM::ManagedInstance"
    source_id: str = ""
    location: str = ""
    public_key: str = ""


@dataclass(frozen=True, slots=True)
class Activation:
    """A hybrid activation. `code` registers machines; it is empty if the activation came with the scenario."""

    activation_id: str
    iam_role: str
    registration_limit: int
    registrations: int
    created_at: datetime
    expires_at: datetime
    description: str = ""
    node_name: str = ""
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Command:
    """A command that Run Command sent to one node, and its result."""

    command_id: str
    node_id: str
    document: str
    comment: str
    parameters: Mapping[str, tuple[str, ...]]
    sent_at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was opened; `ended_at` is None while it is active.

    `document` is a name, `status` a status of DescribeSessions; `why_ended` is the text with which the session ended,
    empty for a normal end. `longest` is the maximum duration in minutes, empty if there is none.
    """

    session_id: str
    target: str
    owner: str
    started_at: datetime
    ended_at: datetime | None = None
    document: str = "SSM-SessionManagerRunShell"
    reason: str = ""
    status: str = "Connected"
    end_reason: str = ""
    longest: str = ""
    just_in_time: bool = False


@dataclass(frozen=True, slots=True)
class ServiceSetting:
    """A changed service setting: its value, the time, and the user."""

    value: str
    modified_at: datetime
    modified_by: str


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One version; numbers count from 1 and are never reused."""

    number: int
    content: str
    format: str
    created_at: datetime
    name: str = ""
    schema_version: str = "1.0"
    description: str = ""

    @property
    def hash(self) -> str:
        """The SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content.encode()).hexdigest()


@dataclass(slots=True)
class StoredDocument:
    """A document. `owner` is an account, or ``Amazon``."""

    name: str
    type: str
    owner: str
    versions: list[DocumentVersion]
    default_number: int = 1
    target_type: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def latest(self) -> DocumentVersion:
        """The newest version: ``$LATEST``."""
        return self.versions[-1]

    @property
    def default(self) -> DocumentVersion:
        """The default version: ``$DEFAULT``."""
        return next(version for version in self.versions if version.number == self.default_number)


ACCESS_LASTS: Final = timedelta(hours=1)
"""https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-just-in-time-node-access.html"""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """A request for access to nodes, by the ARN of the requester, and its decision."""

    id: str
    account: str
    region: str
    requester: str
    node_ids: tuple[str, ...]
    asked_at: datetime
    decision: AccessDecision

    def status(self, now: datetime) -> str:
        """Return the status of the request, in GetAccessToken's words."""
        decided_at = self.asked_at + self.decision.after
        if now < decided_at:
            return "Pending"
        if not self.decision.approves:
            return "Rejected"
        return "Approved" if now < decided_at + ACCESS_LASTS else "Expired"

    @property
    def ends_at(self) -> datetime:
        """The end of the access, if it is granted."""
        return self.asked_at + self.decision.after + ACCESS_LASTS


# moto's organizations do not include our account as a member: its own number is always the management account's, on
# which no such policy has any effect.
FULL_ACCESS: Final = "FullAWSAccess"
"""The policy of AWS on every level, unless it was removed."""

Level = tuple[tuple[str, str], ...]
"""The policies of one level, by name and document: of the root, an organizational unit or the account."""


MANAGEMENT_ACCOUNT: Final = "999999999999"
ORGANIZATION_ID: Final = "o-simulated01"


@dataclass(frozen=True, slots=True)
class ControlPolicies:
    """Service control policies and resource control policies, from the root down to the account.

    `organization` is the organization's id, empty if the account is in none.
    """

    service: tuple[Level, ...] = ()
    resource: tuple[Level, ...] = ()
    organization: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationAccount:
    """An account of the organization, by number; `state` as ListAccounts shows it."""

    id: str
    name: str
    state: str = "ACTIVE"


def policy_arn(partition: str, kind: str, name: str) -> str:
    """Return the ARN of a policy of the organization; `kind` is `service_control_policy` or `resource_control_policy`.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
    """
    if name == FULL_ACCESS:
        return f"arn:{partition}:organizations::aws:policy/{kind}/p-{FULL_ACCESS}"
    id_ = hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"arn:{partition}:organizations::{MANAGEMENT_ACCOUNT}:policy/{ORGANIZATION_ID}/{kind}/p-{id_}"


@dataclass(slots=True)
class HiddenState:
    """The hidden state of one account and Region.

    `inventory` is by node, then by inventory type (``AWS:Service``); `impaired` are instances that fail EC2's status
    checks; `documents` are the Systems Manager documents that the account owns, by name. `dns64_subnets` have DNS64 on;
    `ipv6_only_subnets` have an IPv4 network only in moto, which cannot create an instance without one; `subnet_owners`
    are the accounts that share subnets, if that is not this account; `firewalls` is how the Automated Internet Firewall
    of a VPC connects subnets. `operators` are the principals of the AWS services that manage instances.
    """

    agents: dict[str, Agent] = field(default_factory=dict)
    hybrid_nodes: dict[str, HybridNode] = field(default_factory=dict)
    hybrid_node_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    activations: dict[str, Activation] = field(default_factory=dict)
    service_settings: dict[str, ServiceSetting] = field(default_factory=dict)
    inventory: dict[str, dict[str, tuple[Mapping[str, str], ...]]] = field(default_factory=dict)
    console_output: dict[str, str] = field(default_factory=dict)
    launch_times: dict[str, datetime] = field(default_factory=dict)
    profile_times: dict[str, datetime] = field(default_factory=dict)
    impaired: set[str] = field(default_factory=set)
    operators: dict[str, str] = field(default_factory=dict)
    dns64_subnets: set[str] = field(default_factory=set)
    ipv6_only_subnets: set[str] = field(default_factory=set)
    subnet_owners: dict[str, str] = field(default_factory=dict)
    firewalls: dict[str, str] = field(default_factory=dict)
    documents: dict[str, StoredDocument] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    access_decision: AccessDecision = field(default_factory=AccessDecision)
    imdsv2_enforced: bool = False


@dataclass(slots=True)
class SharedState:
    """The state that belongs to no Region.

    `caller_arns` are the principals of access keys, `role_session_ends` the end times of role keys. `session_policies`
    are the session policies, which limit a role; `session_grants` the policies of sessions without a role, as of a
    token of just-in-time access; both by the session's ARN. `control_policies` are by account, and `administrators` are
    the accounts that can list the organization's `accounts`. `buckets_with_abac` use attribute-based access control.
    """

    hidden: dict[tuple[str, str], HiddenState] = field(default_factory=dict)
    caller_arns: dict[str, str] = field(default_factory=dict)
    issued_tokens: set[str] = field(default_factory=set)
    role_session_ends: dict[str, datetime] = field(default_factory=dict)
    session_policies: dict[str, str] = field(default_factory=dict)
    session_grants: dict[str, str] = field(default_factory=dict)
    access_requests: dict[str, AccessRequest] = field(default_factory=dict)
    control_policies: dict[str, ControlPolicies] = field(default_factory=dict)
    accounts: list[OrganizationAccount] = field(default_factory=list)
    administrators: set[str] = field(default_factory=lambda: {MANAGEMENT_ACCOUNT})
    buckets_with_abac: set[str] = field(default_factory=set)
    is_changed: bool = False
    scenario: Scenario | None = None
    built_at: datetime | None = None
    clock_offset: timedelta = timedelta()
    account_in_setup: str = ACCOUNT


shared: Final = SharedState()
journal: Final = Journal()
faults: Final = Faults()
gate: Final = Gate()


def hidden(account: str, region: str) -> HiddenState:
    """Return the hidden state of an account and Region, created on first use."""
    return shared.hidden.setdefault((account, region), HiddenState())


def all_sessions() -> tuple[Session, ...]:
    """Return the sessions of every account and Region, open or not."""
    return tuple(each for place in tuple(shared.hidden.values()) for each in tuple(place.sessions.values()))


def agent(account: str, region: str, node_id: str) -> Agent:
    """Return a node's agent; an undeclared node has none, like an instance of a bare image."""
    return hidden(account, region).agents.get(node_id, NO_AGENT)


def give_access_key(access_key: str, caller_arn: str) -> None:
    """Assign an access key to a principal, by the ARN that sts:GetCallerIdentity shows for it."""
    shared.caller_arns[access_key] = caller_arn


def caller_arn_of(access_key: str) -> str | None:
    """Return the principal of an access key assigned here; keys created through IAM and STS are in moto."""
    return shared.caller_arns.get(access_key)


def caller_arn() -> str | None:
    """Return the principal that reads the scenario; None before a scenario is built."""
    return caller_arn_of(CALLER_ACCESS_KEY)


@contextmanager
def setting_up(account: str) -> Iterator[None]:
    """Set up the resources of another account while the context lasts."""
    before, shared.account_in_setup = shared.account_in_setup, account
    try:
        yield
    finally:
        shared.account_in_setup = before


def account_in_setup() -> str:
    """Return the account that is being set up: the caller's, or a member of its organization."""
    return shared.account_in_setup


def mark_changed() -> None:
    """Record that the scenario was changed after it was built."""
    shared.is_changed = True


def mark_built(scenario: Scenario) -> None:
    """Record that a scenario has been built."""
    shared.scenario, shared.built_at = scenario, now()


def is_built(scenario: Scenario) -> bool:
    """Return whether that scenario is loaded and unchanged."""
    return shared.scenario == scenario and not shared.is_changed


def now() -> datetime:
    """Return the time of the simulated account."""
    return datetime.now(UTC) + shared.clock_offset


def time_before_build(age: timedelta) -> datetime:
    """Return the time this long before the scenario was built: a fixed time, whenever it is computed."""
    return (shared.built_at or now()) - age


def pass_time(by: timedelta) -> None:
    """Advance the clock of the simulated account at once."""
    shared.clock_offset += by


def control_policies_of(account: str) -> ControlPolicies:
    """Return the organization's policies on an account; none for an account outside the organization."""
    return shared.control_policies.get(account, ControlPolicies())


def reset() -> None:
    """Forget everything. The gate stays unchanged."""
    empty = SharedState()
    for each in fields(empty):
        setattr(shared, each.name, getattr(empty, each.name))
    journal.clear()
    faults.clear()


NO_AGENT: Final = Agent(installed=False, running=False, version="", registered_before=False)

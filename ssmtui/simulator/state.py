"""The state that moto does not keep: hidden facts of accounts and Regions, access keys, faults, the request gate."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from ssmtui.simulator import issued_access, organization, refused_requests
from ssmtui.simulator.environment import CALLER_ACCESS_KEY
from ssmtui.simulator.faults import Fault, Faults
from ssmtui.simulator.journal import Journal
from ssmtui.simulator.scenario import AccessDecision, Scenario
from ssmtui.simulator.stored_documents import StoredDocument


class Gate:
    """Holds requests back until the scenario stands; a scenario that could not be built says why."""

    def __init__(self, patience: float = 30.0) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._is_open = False
        self._passed = 0
        self._failure: str | None = None

    def open(self) -> None:
        """Let requests through."""
        self._let_through(None)

    def open_on_failure(self, reason: str) -> None:
        """Let requests through to be told that there is no scenario."""
        self._let_through(reason)

    def close(self) -> None:
        """Hold requests back, and wait for those that have passed, which would ask of one scenario and change the next.

        For so many seconds at most as the gate has patience.
        """
        with self._changed:
            self._is_open = False
            self._changed.wait_for(lambda: not self._passed, self._patience)

    @contextmanager
    def passing(self) -> Iterator[str | None]:
        """Wait for the scenario; the reason why there is none, or None. It stands for as long as this lasts."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_open)
            self._passed += 1
            failure = self._failure
        try:
            yield failure
        finally:
            with self._changed:
                self._passed -= 1
                self._changed.notify_all()

    @property
    def is_open(self) -> bool:
        """Whether requests go through."""
        return self._is_open

    @property
    def failure(self) -> str | None:
        """Why there is no scenario."""
        return self._failure

    def _let_through(self, failure: str | None) -> None:
        with self._changed:
            self._failure, self._is_open = failure, True
            self._changed.notify_all()


ACCOUNT: Final = "123456789012"

ORGANIZATION: Final = "o-a1b2c3d4e5"
"""The id of the organization, in the worlds that have one."""

SETUP_ACCESS_KEY: Final = "AKIASIMULATORSEEDING"
"""The access key that seeding uses: it passes the gate, is not judged, and leaves no trace in the journal."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A node's SSM Agent and operating system: what no API call decides.

    `registered_before`: Systems Manager knows the node from an earlier time, so it is listed even where it cannot
    report any more. `last_ping_age` is how long before the scenario was built it last reported, where it cannot now.
    `shadowed_by` is the name of a role whose credentials the agent finds before its own. `lost_by` is the slug of what
    took the service away.
    """

    installed: bool = True
    running: bool = True
    version: str = "3.3.5828.0"
    registered_before: bool = True
    last_ping_age: timedelta = timedelta(hours=3)
    platform_type: str = "Linux"
    platform_name: str = "Amazon Linux"
    platform_version: str = "2023"
    computer_name: str = ""
    hibernating: bool = False
    disk_full: bool = False
    clock_skewed: bool = False
    domain_controller: bool = False
    channel_stuck: bool = False
    shadowed_by: str = ""
    out_of_watches: bool = False
    distrusts: bool = False
    lost_by: str = ""
    disk_filled: bool = False


@dataclass(frozen=True, slots=True)
class HybridNode:
    """A machine outside EC2 that was registered by an activation. `iam_role` is the name of its service role."""

    node_id: str
    name: str
    iam_role: str
    ip_address: str
    activation_id: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Activation:
    """A hybrid activation."""

    activation_id: str
    iam_role: str
    registration_limit: int
    registrations: int
    created_at: datetime
    expires_at: datetime
    description: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was sent to one node by Run Command, and how it ended."""

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

    `document` is a name, `status` one of DescribeSessions; `why_ended` is the text that the session ended with, empty
    where it was simply ended. `longest` are the minutes that it may last, empty where that is not limited.
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
    """A changed service setting: its value, when, and by whom."""

    value: str
    modified_at: datetime
    modified_by: str


@dataclass(slots=True)
class HiddenState:
    """The hidden side of one account and Region.

    `inventory` is by node, then by inventory type (``AWS:Service``); `impaired` are instances that fail EC2's
    status checks; `documents` are the Systems Manager documents that the account owns, by name. `dns64_subnets` have
    DNS64 on; `ipv6_only_subnets` have an IPv4 network in moto alone, which makes no instance without one;
    `subnet_owners` are the accounts that subnets are shared by, where that is not this one.
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
    dns64_subnets: set[str] = field(default_factory=set)
    ipv6_only_subnets: set[str] = field(default_factory=set)
    subnet_owners: dict[str, str] = field(default_factory=dict)
    documents: dict[str, StoredDocument] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    access_decision: AccessDecision = field(default_factory=AccessDecision)


@dataclass(slots=True)
class _SimulatorState:
    places: dict[tuple[str, str], HiddenState] = field(default_factory=dict)
    caller_arns: dict[str, str] = field(default_factory=dict)
    is_touched: bool = False
    scenario: Scenario | None = None
    built_at: datetime | None = None
    clock_offset: timedelta = timedelta()
    seeded: str = ACCOUNT


_memory = _SimulatorState()
journal: Final = Journal()
faults: Final = Faults()
gate: Final = Gate()


def hidden(account: str, region: str) -> HiddenState:
    """The hidden side of an account and Region, made on first use."""
    return _memory.places.setdefault((account, region), HiddenState())


def all_sessions() -> tuple[Session, ...]:
    """The sessions of every account and Region, open or not."""
    return tuple(each for place in tuple(_memory.places.values()) for each in tuple(place.sessions.values()))


def agent(account: str, region: str, node_id: str) -> Agent:
    """A node's agent; a node that nobody spoke of has none, as an instance launched from a bare image."""
    return hidden(account, region).agents.get(node_id, NO_AGENT)


def give_access_key(access_key: str, caller_arn: str) -> None:
    """Make an access key belong to a principal, by the ARN that sts:GetCallerIdentity shows for it."""
    _memory.caller_arns[access_key] = caller_arn


def caller_arn_of(access_key: str) -> str | None:
    """The principal that holds an access key given here; keys made through IAM and STS are moto's to know."""
    return _memory.caller_arns.get(access_key)


@contextmanager
def setting_up(account: str) -> Iterator[None]:
    """Have what is seeded meanwhile be another account's."""
    before, _memory.seeded = _memory.seeded, account
    try:
        yield
    finally:
        _memory.seeded = before


def account_in_setup() -> str:
    """The account that is being seeded: that of the caller, unless another one's turn has come."""
    return _memory.seeded


def mark_changed() -> None:
    """Note that the scenario is no longer as it was built."""
    _memory.is_touched = True


def mark_built(scenario: Scenario) -> None:
    """Note that a scenario has been built."""
    _memory.scenario, _memory.built_at = scenario, now()


def is_built(scenario: Scenario) -> bool:
    """Whether that scenario stands, as it was built."""
    return _memory.scenario == scenario and not _memory.is_touched


def now() -> datetime:
    """The simulated account's clock."""
    return datetime.now(UTC) + _memory.clock_offset


def time_before_build(age: timedelta) -> datetime:
    """So long before the scenario was built: what was then stays where it is, whenever it is asked for."""
    return (_memory.built_at or now()) - age


def pass_time(by: timedelta) -> None:
    """Let time pass in the simulated account at once."""
    _memory.clock_offset += by


def reset() -> None:
    """Forget everything. The gate stays as it is."""
    _memory.places.clear()
    _memory.caller_arns.clear()
    _memory.is_touched = False
    _memory.scenario = _memory.built_at = None
    _memory.clock_offset = timedelta()
    organization.forget_organization()
    issued_access.forget_session_policies()
    issued_access.forget_access_requests()
    issued_access.forget_role_sessions()
    issued_access.forget_tokens()
    refused_requests.forget_refused_requests()
    journal.clear()
    faults.clear()


NO_AGENT: Final = Agent(installed=False, running=False, version="", registered_before=False)

__all__ = [
    "ACCOUNT",
    "CALLER_ACCESS_KEY",
    "NO_AGENT",
    "SETUP_ACCESS_KEY",
    "Activation",
    "Agent",
    "Command",
    "Fault",
    "HiddenState",
    "HybridNode",
    "ServiceSetting",
    "Session",
    "account_in_setup",
    "agent",
    "all_sessions",
    "caller_arn_of",
    "faults",
    "gate",
    "give_access_key",
    "hidden",
    "is_built",
    "journal",
    "mark_built",
    "mark_changed",
    "now",
    "pass_time",
    "reset",
    "setting_up",
]

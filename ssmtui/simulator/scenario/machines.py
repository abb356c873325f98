"""Machines: EC2 instances and hybrid nodes, with what AWS hides of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from ssmtui.simulator.scenario.expectation import HEALTHY, Expectation


class Platform(Enum):
    """An operating system as Systems Manager names it: type, name, version; and the AMI it is launched from."""

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
    """What AWS hides of a node: the state of its SSM Agent and of its operating system.

    `registered` says that the node has been seen by Systems Manager before; one that never was is not listed while
    it cannot register. `shadowed_by` is the name of a role whose credentials the agent finds before its own; `lost_by`
    the slug of what took the agent's service away (empty where it is there). `distrusts`: it knows no authority.
    `disk_filled` says that the disk became full after the agent had connected: it stays so, and no shell comes.
    """

    installed: bool = True
    running: bool = True
    version: str = "3.3.5828.0"
    registered: bool = True
    disk_full: bool = False
    domain_controller: bool = False
    hibernating: bool = False
    clock_skewed: bool = False
    channel_stuck: bool = False
    shadowed_by: str = ""
    out_of_watches: bool = False
    distrusts: bool = False
    lost_by: str = ""
    disk_filled: bool = False


@dataclass(frozen=True, slots=True)
class Metadata:
    """The instance metadata options of a node."""

    enabled: bool = True
    tokens_required: bool = True


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance. `profile_attached_ago` is None where it was launched with its profile.

    `left_open` are sessions that are active on it, by how long ago they were opened, `updates` those of its agent that
    failed, likewise; `second_interface` the subnet and the security group of an interface that it has besides.
    `from_afar` is what a diagnosis of the fleet can say of it, where that is less than what is `expected` of one that
    examines the node.
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
    expected: Expectation = HEALTHY
    from_afar: Expectation | None = None


@dataclass(frozen=True, slots=True)
class HybridNode:
    """A machine outside EC2, registered by an activation; `same_machine_as` is an instance that it really is."""

    name: str
    role: str
    address: str
    platform: Platform = Platform.UBUNTU
    agent: Agent = Agent()
    same_machine_as: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    expected: Expectation = HEALTHY


Node = Instance | HybridNode


def seen_from_afar(node: Node) -> Expectation:
    """What a diagnosis of the whole fleet must say of a node."""
    less = node.from_afar if isinstance(node, Instance) else None
    return less or node.expected

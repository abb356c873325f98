"""What a diagnosis must say of a node, and which sound nodes must never be told to fail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """A node's verdict, in the words of the report."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    STOPPED = "stopped"


class Control(StrEnum):
    """What must never be told to be at fault: sound nodes of the kinds that are easily taken for broken ones."""

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
    SHARED_SUBNET = "RAM-shared subnet"
    INSIDE_PERIMETER = "inside a data perimeter"
    SPARED_BY_TAG = "left out of a data perimeter by a tag"
    OWN_ARN = "registers by its own ARN alone"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a diagnosis of the node must say.

    `cause` is the slug behind the verdict: the root cause of a failing node, the first warning of a node that works
    with a fault, None for a healthy one. `also` are further causes that must be found on the node. `control` says of
    which kind a node is that must never be told to fail.
    """

    verdict: Verdict = Verdict.OK
    cause: str | None = None
    also: tuple[str, ...] = ()
    control: Control | None = None

    @property
    def root_cause(self) -> str | None:
        """The report's `root_cause`: only a finding that fails is one."""
        return self.cause if self.verdict is Verdict.FAIL else None


def fails(cause: str, *also: str) -> Expectation:
    """A session to this node cannot be opened."""
    return Expectation(Verdict.FAIL, cause, also)


def unseen(cause: str, *also: str) -> Expectation:
    """A session opens, which cannot be told from outside: it may be hindered by that cause."""
    return Expectation(Verdict.UNKNOWN, cause, also)


def warns(cause: str, *also: str) -> Expectation:
    """A session opens, and something is lost."""
    return Expectation(Verdict.WARN, cause, also)


def sound(control: Control, *also: str) -> Expectation:
    """A session opens, although the node is one of those that are easily taken for broken."""
    return Expectation(also=also, control=control)


HEALTHY = Expectation()
STOPPED = Expectation(Verdict.STOPPED, "instance-not-running")

"""SSM Agent: versions, published flaws, updates, reports in CloudTrail, and recent Run Command commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ssmtui.language import translatable
from ssmtui.model.node import PlatformFamily


def is_older_version(version: str, floor: str) -> bool:
    """Return whether a version is older than another; False if it cannot be parsed."""
    numbers, wanted = version_numbers(version), version_numbers(floor)
    return bool(numbers) and numbers < wanted


def newest_version(versions: Iterable[str]) -> str:
    """Return the newest of some versions; empty if none can be parsed."""
    return max((each for each in versions if version_numbers(each)), key=version_numbers, default="")


@lru_cache(maxsize=1024)
def version_numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version; empty if it cannot be parsed. Thousands of nodes have few versions."""
    parts = version.strip().split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else ()


_WINDOWS = frozenset({PlatformFamily.WINDOWS})
_UNIX = frozenset({PlatformFamily.LINUX, PlatformFamily.MACOS})
_ANY = _WINDOWS | _UNIX


@dataclass(frozen=True, slots=True)
class AgentFlaw:
    """A flaw that began with the version `since` (empty: the first) and was fixed in `mended`.

    `security`: the flaw is a weakness, not a problem for sessions. `source` is where it was published.
    """

    what: str
    mended: str
    source: str
    since: str = ""
    families: frozenset[PlatformFamily] = _ANY
    security: bool = False

    def has(self, version: str, family: PlatformFamily) -> bool:
        """Return whether an agent of that version has the flaw; False if the version cannot be parsed."""
        return (
            family in self.families
            and is_older_version(version, self.mended)
            and not is_older_version(version, self.since or version)
        )


AGENT_FLAWS: Sequence[AgentFlaw] = (
    AgentFlaw(
        translatable("sessions do not start"),
        "3.0.755.0",
        "github.com/aws/amazon-ssm-agent/issues/355",
        since="3.0.732.0",
    ),
    AgentFlaw(
        translatable("a leak of file handles eventually takes the agent offline"),
        "3.1.282.0",
        "github.com/aws/amazon-ssm-agent/releases/tag/3.1.282.0",
        families=_WINDOWS,
    ),
    AgentFlaw(
        translatable("port forwarding to a remote host ends after about a minute"),
        "3.1.1476.0",
        "github.com/aws/amazon-ssm-agent/issues/450",
        since="3.1.1446.0",
    ),
    AgentFlaw(
        translatable("a sudo rules file is writable for all users, so that a local user can become root"),
        "3.1.1208.0",
        "CVE-2022-29527",
        families=_UNIX,
        security=True,
    ),
    AgentFlaw(
        translatable("port forwarding can be used to send requests in the name of the node (SSRF)"),
        "3.3.4851.0",
        "CVE-2026-89049",
        security=True,
    ),
    AgentFlaw(
        translatable("instances of AWS's Windows images register with a default cryptographic key"),
        "3.3.5226.0",
        "CVE-2026-134069",
        families=_WINDOWS,
        security=True,
    ),
)
"""The published flaws.

Sources: the CVE records of these IDs; the named threads and release notes of aws/amazon-ssm-agent. Read in November
2026.
"""


@lru_cache(maxsize=1024)
def flaws_of(version: str, family: PlatformFamily) -> tuple[AgentFlaw, ...]:
    """Return the published flaws of an agent, those that affect sessions first."""
    found = [each for each in AGENT_FLAWS if version_numbers(version) and each.has(version, family)]
    return tuple(sorted(found, key=lambda each: (each.security, version_numbers(each.mended))))


# A node reports every five minutes; an update is downloaded, installed and rolled back within half an hour.
BEFORE, AFTER = timedelta(minutes=10), timedelta(hours=1)
"""The time before and after an update in which a node that the update silenced can have sent its last ping."""


@dataclass(frozen=True, slots=True)
class AgentUpdate:
    """An update that was sent to a node: its status in Run Command's words, and the time (UTC)."""

    status: str
    sent: datetime

    @property
    def succeeded(self) -> bool:
        """Return whether the node reported success."""
        return self.status == "Success"

    def may_have_silenced(self, last_ping: datetime) -> bool:
        """Return whether the update may have silenced a node with this last ping."""
        return self.sent - BEFORE <= last_ping <= self.sent + AFTER


@dataclass(frozen=True, slots=True)
class AgentReport:
    """A call of ssm:UpdateInstanceInformation. `principal` is the ARN of its role or user.

    `node_id` is empty if the record does not have it, as for some denied calls; `source` is the source address of the
    call. `error` is the error code of a refusal, or empty.
    """

    node_id: str
    source: str
    principal: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class LastReport:
    """The newest report of a node. `by_address`: only the address links the report to the node."""

    report: AgentReport
    by_address: bool


UPDATE_AGENT = "AWS-UpdateSSMAgent"


@dataclass(frozen=True, slots=True)
class RecentCommand:
    """A command: the document, the time of the request (UTC), and the status in Run Command's words.

    `output` is the output of a failed update of the agent; it is not read for other commands.
    """

    id: str
    document: str
    sent: datetime
    status: str
    output: str = ""

    @property
    def failed(self) -> bool:
        """Return whether the command ended without success."""
        return self.status in {"Failed", "TimedOut", "Cancelled"}


@dataclass(frozen=True, slots=True)
class RecentCommands:
    """The recent commands, newest first; `complete` is False if not all of them were read."""

    commands: tuple[RecentCommand, ...]
    complete: bool = True

    @property
    def last_update(self) -> RecentCommand | None:
        """Return the last finished update of the agent."""
        ended = (each for each in self.commands if each.document == UPDATE_AGENT)
        return next((each for each in ended if each.failed or each.status == "Success"), None)

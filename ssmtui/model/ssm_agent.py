"""SSM Agent: versions, published flaws, updates, reports in CloudTrail, and recent Run Command commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.language import translatable
from ssmtui.model.node import PlatformFamily


def is_older_version(version: str, floor: str) -> bool:
    """Whether a version is older than another; one that is not understood is not."""
    numbers, wanted = version_numbers(version), version_numbers(floor)
    return bool(numbers) and numbers < wanted


def newest_version(versions: Iterable[str]) -> str:
    """The newest of some versions; empty where none is understood."""
    return max((each for each in versions if version_numbers(each)), key=version_numbers, default="")


def version_numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, none where it is not understood."""
    parts = version.strip().split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else ()


_WINDOWS = frozenset({PlatformFamily.WINDOWS})
_UNIX = frozenset({PlatformFamily.LINUX, PlatformFamily.MACOS})
_ANY = _WINDOWS | _UNIX


@dataclass(frozen=True, slots=True)
class AgentFlaw:
    """A flaw that came with the version `since` (empty: with the first) and went with `mended`.

    `security` says that it is a weakness rather than a hindrance to sessions. `source` is where it was published.
    """

    what: str
    mended: str
    source: str
    since: str = ""
    families: frozenset[PlatformFamily] = _ANY
    security: bool = False

    def has(self, version: str, family: PlatformFamily) -> bool:
        """Whether an agent of that version has it; one whose version is not understood is not said to."""
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
        translatable("file handles leak until the agent goes offline"),
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
        translatable("a file of sudo rules is writable for everybody, so that a local user can become root"),
        "3.1.1208.0",
        "CVE-2022-29527",
        families=_UNIX,
        security=True,
    ),
    AgentFlaw(
        translatable("port forwarding can be made to send requests of the node's own (SSRF)"),
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
"""Sources: the CVE records of their ids; the threads and release notes of aws/amazon-ssm-agent named. Read in
November 2026."""


def flaws_of(version: str, family: PlatformFamily) -> tuple[AgentFlaw, ...]:
    """The published flaws of an agent, those that hinder sessions first."""
    found = [each for each in AGENT_FLAWS if version_numbers(version) and each.has(version, family)]
    return tuple(sorted(found, key=lambda each: (each.security, version_numbers(each.mended))))


# A node reports every five minutes; an update is downloaded, installed and rolled back within half an hour.
BEFORE, AFTER = timedelta(minutes=10), timedelta(hours=1)
"""How long before an update, and after it, a node that it silenced can have been heard of last."""


@dataclass(frozen=True, slots=True)
class AgentUpdate:
    """An update that was sent to a node: how it ended, in Run Command's words, and when it was sent (UTC)."""

    status: str
    sent: datetime

    @property
    def succeeded(self) -> bool:
        """Whether the node reported that it had succeeded."""
        return self.status == "Success"

    def may_have_silenced(self, last_ping: datetime) -> bool:
        """Whether a node that was last heard of then may have fallen silent by it."""
        return self.sent - BEFORE <= last_ping <= self.sent + AFTER


@dataclass(frozen=True, slots=True)
class AgentReport:
    """One ssm:UpdateInstanceInformation. `principal` is the ARN of the role or user that it was made as.

    `node_id` is empty where the record does not say it, as of some that were denied; `source` is the address that the
    call came from. `error` is the code by which it was refused, or empty.
    """

    node_id: str
    source: str
    principal: str
    at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class LastReport:
    """The newest report of one node. `by_address` says that it was told to be the node's by its address alone."""

    report: AgentReport
    by_address: bool


UPDATE_AGENT = "AWS-UpdateSSMAgent"


@dataclass(frozen=True, slots=True)
class RecentCommand:
    """One command: the document, when it was asked for (UTC), and how it stands, in Run Command's own words.

    `output` is what the update of the agent wrote, where it failed; of no other command is it read.
    """

    id: str
    document: str
    sent: datetime
    status: str
    output: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ended without success."""
        return self.status in {"Failed", "TimedOut", "Cancelled"}


@dataclass(frozen=True, slots=True)
class RecentCommands:
    """The newest first; `complete` is False where there were more of them than were looked at."""

    commands: tuple[RecentCommand, ...]
    complete: bool = True

    @property
    def last_update(self) -> RecentCommand | None:
        """The last update of the agent that has ended."""
        ended = (each for each in self.commands if each.document == UPDATE_AGENT)
        return next((each for each in ended if each.failed or each.status == "Success"), None)

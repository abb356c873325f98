"""Flaws of SSM Agent that were published, and the versions that have them: only what the source itself says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ssmtui.language import marked
from ssmtui.model.agent_version import numbers_in, older
from ssmtui.model.node import PlatformFamily

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
        return family in self.families and older(version, self.mended) and not older(version, self.since or version)


AGENT_FLAWS: Sequence[AgentFlaw] = (
    AgentFlaw(
        marked("sessions do not start"), "3.0.755.0", "github.com/aws/amazon-ssm-agent/issues/355", since="3.0.732.0"
    ),
    AgentFlaw(
        marked("file handles leak until the agent goes offline"),
        "3.1.282.0",
        "github.com/aws/amazon-ssm-agent/releases/tag/3.1.282.0",
        families=_WINDOWS,
    ),
    AgentFlaw(
        marked("port forwarding to a remote host ends after about a minute"),
        "3.1.1476.0",
        "github.com/aws/amazon-ssm-agent/issues/450",
        since="3.1.1446.0",
    ),
    AgentFlaw(
        marked("a file of sudo rules is writable for everybody, so that a local user can become root"),
        "3.1.1208.0",
        "CVE-2022-29527",
        families=_UNIX,
        security=True,
    ),
    AgentFlaw(
        marked("port forwarding can be made to send requests of the node's own (SSRF)"),
        "3.3.4851.0",
        "CVE-2026-89049",
        security=True,
    ),
    AgentFlaw(
        marked("instances of AWS's Windows images register with a default cryptographic key"),
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
    found = [each for each in AGENT_FLAWS if numbers_in(version) and each.has(version, family)]
    return tuple(sorted(found, key=lambda each: (each.security, numbers_in(each.mended))))

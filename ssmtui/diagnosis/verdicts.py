"""From what the checks say of a node to its verdict and root cause (docs/judging.md §5; docs/interface.md §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from ssmtui.checks.check import Check
from ssmtui.checks.probed import Held, is_proved_by_probe
from ssmtui.diagnosis.judging import Judged, Judgement
from ssmtui.diagnosis.probing import Probed
from ssmtui.model.finding import Confidence, Finding, Status
from ssmtui.model.fleet import Verdict, VerdictStatus
from ssmtui.model.node import ConnectionStatus, InstanceState, Node
from ssmtui.model.path import Link, LinkState
from ssmtui.model.probe import NOT_PROBED, Probes
from ssmtui.model.standing import Observation

_AT_REST = frozenset({InstanceState.STOPPED, InstanceState.STOPPING})
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN)
_STATE_OF = {Status.FAIL: LinkState.FAIL, Status.UNKNOWN: LinkState.UNKNOWN, Status.WARN: LinkState.WARN}
_SURENESS = (Confidence.POSSIBLE, Confidence.LIKELY, Confidence.PROVED)


class Connected(Enum):
    """Whether it is known that a node holds its control channel open."""

    SEEN = "seen"
    NOT_SEEN = "not seen"
    LIKE_OTHERS = "nobody asked, and a node like it does"
    UNASKED = "nobody asked"


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of a node's being there. `awaited` says that its connection is yet to be asked for, or again."""

    at_rest: bool
    connected: Connected
    awaited: bool = False

    @property
    def unheard(self) -> bool:
        """Whether what is said of its connecting hangs on an answer that is yet to come."""
        return self.awaited and self.connected in {Connected.LIKE_OTHERS, Connected.UNASKED}


def presence_of(node: Node, observation: object) -> Presence:
    """As it was observed; anything but an observation is none."""
    connected = isinstance(observation, Observation) and observation.connection is ConnectionStatus.CONNECTED
    return Presence(node.state in _AT_REST, Connected.SEEN if connected else Connected.NOT_SEEN)


def counted_findings(checks: Sequence[Check], judgements: Mapping[str, Judgement]) -> tuple[tuple[Check, Finding], ...]:
    """A node's findings with the check that made each, in the order in which a session meets them.

    A last-resort finding (`not-registered`, `connection-lost`, `control-channel-down`) counts only where nothing more
    specific fails on the links that a node must pass to be connected, and while no delay of AWS's own explains it.
    """
    found = [
        (check, finding)
        for check in checks
        if isinstance(judged := judgements.get(check.name), Judged)
        for finding in judged.findings
    ]
    explained = any(
        (_is_running_delay(finding) or (finding.status is Status.FAIL and not check.last_resort))
        and _explains_absence(check.link)
        for check, finding in found
    )
    return tuple(
        (check, finding)
        for check, finding in found
        if not (explained and check.last_resort and finding.status is Status.FAIL)
    )


def held_findings(
    checks: Sequence[Check], judgements: Mapping[str, Judgement], by_probe: Probed | None = None
) -> tuple[Held, ...]:
    """A node's findings with the link of each, in the order of the path, and what probes of it add."""
    found = tuple((check.link, finding) for check, finding in counted_findings(checks, judgements))
    return found if by_probe is None else by_probe.beside(found)


def verdict_of(
    presence: Presence,
    region: str,
    checks: Sequence[Check],
    judgements: Mapping[str, Judgement],
    outstanding: frozenset[str],
    by_probe: Probed | None = None,
) -> Verdict:
    """The verdict that the judgements so far allow. It is `ok` only of a connected node with nothing outstanding.

    A node that nobody asked about is `ok`, and possibly so, where one like it is connected.
    """
    found = held_findings(checks, judgements, by_probe)
    probes = by_probe.probes if by_probe is not None else NOT_PROBED
    status, confidence, root_cause = _status(presence, found, probes, settled=not outstanding)
    return Verdict(
        status=status,
        confidence=confidence,
        root_cause=root_cause,
        finding_ids=tuple(sorted({finding.id_in(region) for _, finding in found})),
        links=tuple(_link_state(link, checks, judgements, found, outstanding) for link in Link),
        settled=not outstanding and not presence.awaited,
        passed=() if outstanding else tuple(_passed(link, checks, judgements) for link in Link),
    )


def _status(
    presence: Presence, found: Sequence[Held], probes: Probes, *, settled: bool
) -> tuple[VerdictStatus, Confidence, str | None]:
    if presence.at_rest:
        return VerdictStatus.STOPPED, Confidence.PROVED, None
    on_the_way = [finding for link, finding in found if link is not Link.WORKSTATION]
    failing = [finding for finding in on_the_way if finding.status is Status.FAIL]
    if failing and not (presence.unheard and not _fails_beyond_connecting(found)):
        root = next((finding for finding in failing if is_proved_by_probe(finding)), failing[0])
        return VerdictStatus.FAIL, root.confidence, root.cause
    if failing or not settled or any(finding.status is Status.UNKNOWN for finding in on_the_way):
        return VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None
    warning = [finding.confidence for finding in on_the_way if finding.status is Status.WARN]
    connected = presence.connected is Connected.SEEN or probes.connected
    alike = presence.connected is Connected.LIKE_OTHERS
    if not connected and not alike and not any(_is_running_delay(finding) for finding in on_the_way):
        return VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None
    if alike and not connected:
        return VerdictStatus.WARN if warning else VerdictStatus.OK, Confidence.POSSIBLE, None
    if warning:
        return VerdictStatus.WARN, max(warning, key=_SURENESS.index), None
    return VerdictStatus.OK, Confidence.PROVED if probes.opened_a_shell else Confidence.LIKELY, None


def _passed(link: Link, checks: Sequence[Check], judgements: Mapping[str, Judgement]) -> tuple[str, ...]:
    return _shared(
        tuple(
            check.title
            for check in checks
            if check.link is link and isinstance(judged := judgements.get(check.name), Judged) and not judged.findings
        )
    )


@cache
def _shared(titles: tuple[str, ...]) -> tuple[str, ...]:
    """The same row for all nodes that passed the same: ten thousand of them hold a few dozen."""
    return titles


def _link_state(
    link: Link,
    checks: Sequence[Check],
    judgements: Mapping[str, Judgement],
    found: Sequence[Held],
    outstanding: frozenset[str],
) -> LinkState:
    of_link = [check for check in checks if check.link is link]
    statuses = {finding.status for of, finding in found if of is link}
    for status in _WORST_FIRST:
        if status in statuses:
            return _STATE_OF[status]
    if any(check.name in outstanding and check.name not in judgements for check in of_link):
        return LinkState.PENDING
    evaluated = any(isinstance(judgements.get(check.name), Judged) for check in of_link)
    return LinkState.OK if evaluated else LinkState.MOOT


def _is_running_delay(finding: Finding) -> bool:
    """A warning with an end: the node is on its way, and AWS's own delay has not passed."""
    return finding.status is Status.WARN and finding.until is not None


def _fails_beyond_connecting(found: Sequence[Held]) -> bool:
    """Whether something fails that a node's being connected would not disprove."""
    return any(finding.status is Status.FAIL and link.position > Link.AGENT.position for link, finding in found)


def _explains_absence(link: Link) -> bool:
    return link is not Link.WORKSTATION and link.position <= Link.AGENT.position

"""Compute the verdict and the root cause of a node from the results of its checks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ssmtui.analysis.probe_results import FindingOnLink, is_proved_by_probe
from ssmtui.checks.registry import Check
from ssmtui.diagnosis.check_runner import CheckFindings, CheckResult
from ssmtui.diagnosis.finding_index import findings_by_id, severity
from ssmtui.diagnosis.probes import ProbeFindings
from ssmtui.language import say
from ssmtui.model.finding import (
    Confidence,
    Evidence,
    Finding,
    Link,
    LinkState,
    Status,
    Subject,
    SubjectKind,
    Verdict,
    VerdictStatus,
)
from ssmtui.model.identity_enum import IdentityEnum
from ssmtui.model.node import ConnectionStatus, InstanceState, Node
from ssmtui.model.node_facts import Observation
from ssmtui.model.probe import NOT_PROBED, Probes

_AT_REST = frozenset({InstanceState.STOPPED, InstanceState.STOPPING})
_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN)
_STATE_OF = {Status.FAIL: LinkState.FAIL, Status.UNKNOWN: LinkState.UNKNOWN, Status.WARN: LinkState.WARN}
_PROVED_BY_CONNECTION = frozenset({Link.INSTANCE, Link.NETWORK, Link.AGENT})
"""The links that a connected node has proved: it runs, reaches Systems Manager, and its agent answers."""
_ALL_LINKS = frozenset(Link)
_BY_CONFIDENCE = (Confidence.POSSIBLE, Confidence.LIKELY, Confidence.PROVED)


class Connectedness(IdentityEnum):
    """Whether the control channel of a node is known to be open."""

    SEEN = "seen"
    NOT_SEEN = "not seen"
    LIKE_PEERS = "not read, but a peer is connected"
    NOT_READ = "not read"


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of a node's presence. `awaited`: its connection must still be read, or read again.

    `why_not_read` says why the connection was not read, if it was not.
    `restricted`: an AWS service manages the instance, and users cannot connect.
    """

    at_rest: bool
    connected: Connectedness
    awaited: bool = False
    why_not_read: str = ""
    restricted: bool = False

    @property
    def depends_on_answer(self) -> bool:
        """Return whether the result about the connection depends on an answer that has not come yet."""
        return self.awaited and self.connected in {Connectedness.LIKE_PEERS, Connectedness.NOT_READ}


def presence_of(node: Node, observation: object) -> Presence:
    """Return the presence from an observation; anything else counts as no observation."""
    connected = isinstance(observation, Observation) and observation.connection is ConnectionStatus.CONNECTED
    return Presence(
        node.state in _AT_REST,
        Connectedness.SEEN if connected else Connectedness.NOT_SEEN,
        restricted=node.is_restricted,
    )


def counted_findings(
    checks: Sequence[Check], judgements: Mapping[str, CheckResult]
) -> tuple[tuple[Check, Finding], ...]:
    """Return the findings of a node with their checks, in the order of the path.

    A last-resort finding (`not-registered`, `connection-lost`, `control-channel-down`) counts only if nothing more
    specific fails on the links that connect the node, and no delay of AWS explains it.
    """
    findings = [
        (check, finding)
        for check in checks
        if isinstance(judged := judgements.get(check.name), CheckFindings)
        for finding in judged.findings
    ]
    explained = any(
        (_is_running_delay(finding) or (finding.status is Status.FAIL and not check.last_resort))
        and _explains_absence(check.link)
        for check, finding in findings
    )
    return tuple(
        (check, finding)
        for check, finding in findings
        if not (explained and check.last_resort and finding.status is Status.FAIL)
    )


def path_findings(
    checks: Sequence[Check], judgements: Mapping[str, CheckResult], by_probe: ProbeFindings | None = None
) -> tuple[FindingOnLink, ...]:
    """Return the findings of a node with their links, in the order of the path, including those of its probes."""
    findings = tuple((check.link, finding) for check, finding in counted_findings(checks, judgements))
    return findings if by_probe is None else by_probe.adjust(findings)


def node_findings(
    presence: Presence,
    region: str,
    checks: Sequence[Check],
    judgements: Mapping[str, CheckResult],
    pending: frozenset[str],
    by_probe: ProbeFindings | None = None,
) -> tuple[FindingOnLink, ...]:
    """Return `path_findings`, and an unknown finding if the result is unknown only because of the connection.

    The finding is about the Region, so that nodes whose connection was not read for the same reason share it.
    """
    findings = path_findings(checks, judgements, by_probe)
    if pending or presence.awaited:
        return findings
    probes = by_probe.probes if by_probe is not None else NOT_PROBED
    status, _, _ = _status(presence, findings, probes, settled=True)
    is_explained = any(link is not Link.WORKSTATION and finding.status is Status.UNKNOWN for link, finding in findings)
    if status is not VerdictStatus.UNKNOWN or is_explained:
        return findings
    why = presence.why_not_read or say("the nodes are not known to be connected")
    return (*findings, (Link.AGENT, _unread_connection(region, why)))


def _unread_connection(region: str, why: str) -> Finding:
    return Finding(
        cause="control-channel-down",
        status=Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        subject=Subject(SubjectKind.REGION, region),
        summary=say("Cannot determine whether nodes in {region} are connected: {why}.", region=region, why=why),
        evidence=(Evidence(why, "ssm:GetConnectionStatus"),),
    )


def verdict_of(
    presence: Presence,
    region: str,
    checks: Sequence[Check],
    judgements: Mapping[str, CheckResult],
    pending: frozenset[str],
    by_probe: ProbeFindings | None = None,
) -> Verdict:
    """Return the verdict from the results so far. `ok` needs a connected node and no outstanding checks.

    If the connection was not read but a peer is connected, `ok` has the confidence *possible*.
    """
    findings = node_findings(presence, region, checks, judgements, pending, by_probe)
    return _verdict_from(findings, presence, region, checks, judgements, pending, by_probe)


def _verdict_from(
    findings: Sequence[FindingOnLink],
    presence: Presence,
    region: str,
    checks: Sequence[Check],
    judgements: Mapping[str, CheckResult],
    pending: frozenset[str],
    by_probe: ProbeFindings | None = None,
) -> Verdict:
    """Return the verdict from the results of `node_findings`."""
    probes = by_probe.probes if by_probe is not None else NOT_PROBED
    status, confidence, root_cause = _status(presence, findings, probes, settled=not pending)
    proved = _proved_links(presence, by_probe)
    by_link: dict[Link, list[Check]] = {link: [] for link in Link}
    for check in checks:
        by_link[check.link].append(check)
    return Verdict(
        status=status,
        confidence=confidence,
        root_cause=root_cause,
        finding_ids=tuple(sorted({finding.id_in(region) for _, finding in findings})),
        links=tuple(
            _link_state(link, of_link, judgements, findings, pending, proved) for link, of_link in by_link.items()
        ),
        settled=not pending and not presence.awaited,
        passed=() if pending else tuple(_passed(of_link, judgements) for of_link in by_link.values()),
    )


def _status(
    presence: Presence, findings: Sequence[FindingOnLink], probes: Probes, *, settled: bool
) -> tuple[VerdictStatus, Confidence, str | None]:
    if presence.restricted and not probes.connected:
        return VerdictStatus.RESTRICTED, Confidence.PROVED, None
    if presence.at_rest:
        return VerdictStatus.STOPPED, Confidence.PROVED, None
    on_the_way = [finding for link, finding in findings if link is not Link.WORKSTATION]
    failing = [finding for finding in on_the_way if finding.status is Status.FAIL]
    if failing and not (presence.depends_on_answer and not _fails_beyond_connecting(findings)):
        root = next((finding for finding in failing if is_proved_by_probe(finding)), failing[0])
        return VerdictStatus.FAIL, root.confidence, root.cause
    if failing or not settled or any(finding.status is Status.UNKNOWN for finding in on_the_way):
        return VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None
    warning = [finding.confidence for finding in on_the_way if finding.status is Status.WARN]
    connected = presence.connected is Connectedness.SEEN or probes.connected
    alike = presence.connected is Connectedness.LIKE_PEERS
    if not connected and not alike and not any(_is_running_delay(finding) for finding in on_the_way):
        return VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None
    if alike and not connected:
        return VerdictStatus.WARN if warning else VerdictStatus.OK, Confidence.POSSIBLE, None
    if warning:
        return VerdictStatus.WARN, max(warning, key=_BY_CONFIDENCE.index), None
    return VerdictStatus.OK, Confidence.PROVED if probes.opened_a_shell else Confidence.LIKELY, None


def _proved_links(presence: Presence, by_probe: ProbeFindings | None) -> frozenset[Link]:
    """Return the links that an observation or a probe has proved. A probe proves nothing about another caller."""
    if by_probe is not None and by_probe.probes.opened_a_shell:
        return _ALL_LINKS if by_probe.caller_judged else _ALL_LINKS - {Link.CALLER}
    connected = presence.connected is Connectedness.SEEN or (by_probe is not None and by_probe.probes.connected)
    return _PROVED_BY_CONNECTION if connected else frozenset()


def _passed(of_link: Sequence[Check], judgements: Mapping[str, CheckResult]) -> tuple[str, ...]:
    return _shared(
        tuple(check.title for check in of_link if check.confirms and judgements.get(check.name) == _NO_FINDINGS)
    )


_NO_FINDINGS = CheckFindings(())


@cache
def _shared(titles: tuple[str, ...]) -> tuple[str, ...]:
    """Return one shared tuple for equal results: ten thousand nodes have a few dozen different ones."""
    return titles


def _link_state(
    link: Link,
    of_link: Sequence[Check],
    judgements: Mapping[str, CheckResult],
    findings: Sequence[FindingOnLink],
    pending: frozenset[str],
    proved: frozenset[Link],
) -> LinkState:
    """Return the state of a link. It is ok only if something says so: a check, an observation or a probe.

    A finding that does not count (another finding explains it) does not make the link ok.
    """
    statuses = {finding.status for each, finding in findings if each is link}
    for status in _WORST_FIRST:
        if status in statuses:
            return _STATE_OF[status]
    if any(check.name in pending and check.name not in judgements for check in of_link):
        return LinkState.PENDING
    if link in proved:
        return LinkState.OK
    results = [(check, judged) for check in of_link if isinstance(judged := judgements.get(check.name), CheckFindings)]
    explained = any(finding.status is not Status.INFO for _, judged in results for finding in judged.findings)
    confirmed = any(check.confirms and not judged.findings for check, judged in results)
    return LinkState.OK if confirmed and not explained else LinkState.NOT_CHECKED


def _is_running_delay(finding: Finding) -> bool:
    """Return whether a finding is a warning with an end: AWS's delay has not passed yet."""
    return finding.status is Status.WARN and finding.until is not None


def _fails_beyond_connecting(findings: Sequence[FindingOnLink]) -> bool:
    """Return whether a finding fails that a connected node would not disprove."""
    return any(finding.status is Status.FAIL and link.position > Link.AGENT.position for link, finding in findings)


def _explains_absence(link: Link) -> bool:
    return link is not Link.WORKSTATION and link.position <= Link.AGENT.position


@dataclass(frozen=True, slots=True)
class Outcome:
    """A node's verdict and its findings by ID. It is `complete` when all checks have results."""

    verdict: Verdict
    findings: Mapping[str, FindingOnLink]
    complete: bool


def outcome_of(
    presence: Presence,
    region: str,
    checks: Sequence[Check],
    judgements: Mapping[str, CheckResult],
    by_probe: ProbeFindings | None = None,
) -> Outcome:
    """Return the outcome of a path from the results so far."""
    pending = frozenset(check.name for check in checks) - judgements.keys()
    findings = node_findings(presence, region, checks, judgements, pending, by_probe)
    verdict = _verdict_from(findings, presence, region, checks, judgements, pending, by_probe)
    return Outcome(verdict, findings_by_id(findings, region), complete=not pending)


@dataclass(frozen=True, slots=True)
class _Shape:
    """The outcome of all nodes whose own results have the same weights; for each own finding, whether it counts."""

    shared: Outcome
    counted: tuple[bool, ...]


class ClassOutcomes:
    """The outcomes of the nodes of one class: computed once for all nodes with equivalent results.

    `judgements` are the shared results, `own` the checks that run for each node.
    """

    def __init__(
        self,
        presence: Presence,
        region: str,
        checks: Sequence[Check],
        judgements: Mapping[str, CheckResult],
        own: Sequence[Check],
    ) -> None:
        self._presence = presence
        self._region = region
        self._checks = checks
        self._judgements = judgements
        self._own = own
        self._shapes: dict[tuple[Hashable, ...], _Shape] = {}

    def with_own_results(self, own: Sequence[CheckResult]) -> Outcome:
        """Return the outcome of a node from the results of its own checks, in order."""
        weights = tuple([_weight(each) for each in own])
        shape = self._shapes.get(weights)
        if shape is None:
            shape = self._shapes[weights] = self._shape(own)
        if not shape.counted:
            return shape.shared
        return self._with(shape, own)

    def _shape(self, own: Sequence[CheckResult]) -> _Shape:
        judgements = dict(self._judgements)
        judgements.update((check.name, judged) for check, judged in zip(self._own, own, strict=True))
        known = (self._presence, self._region, self._checks, judgements, frozenset[str]())
        findings = node_findings(*known)
        verdict = _verdict_from(findings, *known)
        counted = {id(finding) for _, finding in findings}
        owned = [finding for _, finding in self._findings(own)]
        shared = [linked for linked in findings if not any(linked[1] is finding for finding in owned)]
        return _Shape(
            Outcome(verdict, findings_by_id(shared, self._region), complete=True),
            tuple(id(finding) in counted for finding in owned),
        )

    def _with(self, shape: _Shape, own: Sequence[CheckResult]) -> Outcome:
        findings = dict(shape.shared.findings)
        for each, counts in zip(self._findings(own), shape.counted, strict=True):
            if counts:
                id_ = each[1].id_in(self._region)
                findings[id_] = min(findings.get(id_, each), each, key=severity)
        like = shape.shared.verdict
        verdict = Verdict(
            like.status,
            like.confidence,
            like.root_cause,
            tuple(sorted(findings)),
            like.links,
            like.settled,
            like.passed,
        )
        return Outcome(verdict, findings, complete=True)

    def _findings(self, own: Sequence[CheckResult]) -> list[FindingOnLink]:
        return [
            (check.link, finding)
            for check, judged in zip(self._own, own, strict=True)
            if isinstance(judged, CheckFindings)
            for finding in judged.findings
        ]


def _weight(judgement: CheckResult) -> Hashable:
    """Return the parts of a result that determine the verdict."""
    if not isinstance(judgement, CheckFindings):
        return None
    if not judgement.findings:
        return ()
    return tuple([_weight_of(finding) for finding in judgement.findings])


def _weight_of(finding: Finding) -> Hashable:
    return finding.cause, finding.status, finding.confidence, finding.until is None

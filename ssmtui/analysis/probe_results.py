"""Apply the results of probes to findings: they prove, settle or contradict findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.language import say
from ssmtui.model.finding import NOT_CONNECTED, PROBE, Confidence, Evidence, Finding, Link, Status
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome, Probes, ProbeStage, StageState

FindingOnLink = tuple[Link, Finding]

_BLOCK = "----------ERROR-------"
"""SSM Agent's text before the error of a failed session (docs/facts/failure-texts.md §1)."""

TRANSIENT_CAUSES = frozenset(
    {"service-error", "session-idle-timeout", "session-maximum-duration", "session-terminated", "throttled"}
)
"""Causes about a single session: they say nothing about the next one."""

PORT_CAUSES = frozenset({"port-forbidden", "port-refused", "port-unset"})
"""Causes that prevent port forwarding, but no shell."""

_STARTED = frozenset({"caller-credentials", "caller-start-denied", "hybrid-tier-standard", "target-invalid"})
_STARTED_BY_DOCUMENT = frozenset({"caller-document-denied", "document-wrong-type"})
_JOINED = frozenset({"caller-open-channel-denied"})
_ANSWERED = frozenset(
    {
        *NOT_CONNECTED,
        "activation-expired",
        "agent-absent",
        "agent-hibernating",
        "data-channel-denied",
        "data-channel-unreachable",
        "instance-service-managed",
        "instance-starting",
        "node-clock-skewed",
        "profile-attached-late",
        "role-channels-denied",
    }
)
_KEY_MADE = frozenset({"kms-caller-denied"})
_KEY_READ = frozenset(
    {
        "kms-key-disabled",
        "kms-key-missing",
        "kms-key-pending-deletion",
        "kms-key-unusable",
        "kms-key-wrong-region",
        "kms-node-denied",
    }
)
_CHECKED = frozenset(
    {
        "log-group-missing",
        "log-group-unencrypted",
        "log-group-unreadable",
        "s3-bucket-missing",
        "s3-encryption-refused",
        "s3-encryption-unreadable",
    }
)
_LOSES_LOGS_AS_WELL = frozenset({"log-group-missing", "s3-bucket-missing"})
"""If these are unknown, an open shell does not settle them: without the encryption switch, they are only warnings."""
_SHELL_GIVEN = frozenset(
    {
        "agent-too-old",
        "command-invalid",
        "document-invalid",
        "domain-controller",
        "node-plugin-missing",
        "preferences-malformed",
        "root-volume-full",
        "run-as-user-absent",
        "run-as-user-unset",
        "run-out-of-watches",
        "shell-profile-failed",
        "shell-start-failed",
        "ssm-user-refused",
        "worker-crashed",
    }
)
_BY_STAGE: Mapping[ProbeStage, frozenset[str]] = {
    ProbeStage.START: _STARTED | _STARTED_BY_DOCUMENT,
    ProbeStage.TOKEN: _JOINED,
    ProbeStage.HANDSHAKE: _ANSWERED,
    ProbeStage.KEY: _ANSWERED | _KEY_MADE | _KEY_READ,
    ProbeStage.CHECKS: _ANSWERED | _CHECKED,
}
_BY_A_SHELL = _SHELL_GIVEN.union(*_BY_STAGE.values())
"""All causes that prevent a shell."""
_OF_A_PORT = _STARTED | _JOINED | _ANSWERED
"""Causes that also prevent a port session: those on the connection to the node."""
_JUDGED_WITH_THE_SESSION = frozenset({Link.CALLER, Link.PREFERENCES, Link.SYSTEM})
"""Links whose checks fail only for what every session meets."""


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """The finding of a probe itself, if no check has found the same."""

    kind: ProbeKind
    link: Link
    finding: Finding


def contradicted_causes(outcome: ProbeOutcome) -> frozenset[str]:
    """Return the causes that would have stopped the session, and did not."""
    passed = {each.stage for each in outcome.stages if each.state is StageState.PASSED}
    found = frozenset[str]().union(*(causes for stage, causes in _BY_STAGE.items() if stage in passed))
    if outcome.kind is ProbeKind.PORT:
        return (_OF_A_PORT if outcome.opened else found) & _OF_A_PORT
    return _BY_A_SHELL if outcome.opened else found


def apply_probes(
    found: Sequence[FindingOnLink], probes: Probes, own: Sequence[ProbeFinding], *, caller_judged: bool = True
) -> tuple[FindingOnLink, ...]:
    """Return a node's findings in the order of the path, with what its probes prove; the newest probe counts last.

    `caller_judged` is False if the caller's link is about another identity than the one that probed.
    """
    for outcome in probes.in_order:
        found = [(link, _beside(link, each, outcome, caller_judged=caller_judged)) for link, each in found]
        if not outcome.opened:
            mine = next((each for each in own if each.kind is outcome.kind), None)
            found = _stopped(found, outcome, mine)
    return tuple(found)


def is_proved_by_probe(finding: Finding) -> bool:
    """Return whether a probe stopped at this finding."""
    return finding.status is Status.FAIL and any(each.source == PROBE for each in finding.evidence)


def describe_probe(outcome: ProbeOutcome) -> str:
    """Return the result of a probe, as a sentence with its time."""
    at = f"{outcome.at:%Y-%m-%d %H:%M:%S}"
    if outcome.opened and outcome.kind is ProbeKind.PORT:
        return say("a probe opened a port session at {at} UTC", at=at)
    if outcome.opened:
        return say("a probe opened a shell at {at} UTC", at=at)
    stage = say(outcome.stopped_at.value) if outcome.stopped_at else ""
    text = " ".join(outcome.text.replace(_BLOCK, "").split())
    match outcome.end:
        case ProbeEnd.SILENT:
            return say("a probe at {at} UTC got no answer at the stage {stage}", at=at, stage=stage)
        case ProbeEnd.LOST:
            return say("a probe at {at} UTC lost its connection at the stage {stage}", at=at, stage=stage)
        case _ if text:
            return say("a probe at {at} UTC stopped at the stage {stage}: {text}", at=at, stage=stage, text=text)
        case _:
            return say("a probe at {at} UTC stopped at the stage {stage} without a reason", at=at, stage=stage)


def _beside(link: Link, finding: Finding, outcome: ProbeOutcome, *, caller_judged: bool) -> Finding:
    """Return a finding after a probe, which may contradict it."""
    if finding.status not in {Status.FAIL, Status.UNKNOWN} or link is Link.WORKSTATION:
        return finding
    if link is Link.CALLER and not caller_judged:
        return finding
    evidence = (Evidence(describe_probe(outcome), PROBE), *finding.evidence)
    settled = finding.status is Status.FAIL or finding.cause not in _LOSES_LOGS_AS_WELL
    if finding.cause in contradicted_causes(outcome) and settled:
        return replace(finding, status=Status.INFO, confidence=Confidence.POSSIBLE, evidence=evidence)
    if finding.status is not Status.FAIL or not outcome.opened or outcome.kind is ProbeKind.PORT:
        return finding
    # A shell opened although this finding says that none can. What the session itself met is disproved. Other things,
    # such as the node's heartbeat, may still fail.
    status = Status.INFO if link in _JUDGED_WITH_THE_SESSION else Status.WARN
    return replace(finding, status=status, confidence=Confidence.POSSIBLE, evidence=evidence)


def _stopped(found: list[FindingOnLink], outcome: ProbeOutcome, own: ProbeFinding | None) -> list[FindingOnLink]:
    said = Evidence(describe_probe(outcome), PROBE)
    candidates = {outcome.cause, *outcome.also}
    if outcome.cause is None or outcome.cause in NOT_CONNECTED:
        place = _explaining(found, outcome, candidates)
        if place is not None:
            link, finding = found[place]
            found[place] = (link, replace(finding, evidence=(said, *finding.evidence)))
            return found
        return found if own is None else _in_order([*found, (own.link, own.finding)])
    failing = (place for place, each in enumerate(found) if each[1].status is Status.FAIL)
    place = next((place for place in failing if found[place][1].cause in candidates), None)
    if place is not None:
        link, finding = found[place]
        proved = replace(finding, confidence=Confidence.PROVED, evidence=(said, *finding.evidence))
        found[place] = (link, proved)
        return found
    if own is None:
        return found
    return _in_order([*_without(found, own), (own.link, _joined(found, own))])


def _explaining(found: Sequence[FindingOnLink], outcome: ProbeOutcome, candidates: set[str | None]) -> int | None:
    """Return the position of the finding that explains a silence, or a node that is not connected; None if none does.

    For a node that is not connected, the first failing finding on its path is and stays the root cause.
    """
    if outcome.cause is None:
        failing = (place for place, (_, each) in enumerate(found) if each.status is Status.FAIL)
        return next((place for place in failing if found[place][1].cause in candidates), None)
    on_the_way = (
        place
        for place, (link, each) in enumerate(found)
        if link is not Link.WORKSTATION
        and link.position <= Link.AGENT.position
        and (each.status is Status.FAIL or (each.status is Status.WARN and each.until is not None))
    )
    return next(on_the_way, None)


def _without(found: Sequence[FindingOnLink], own: ProbeFinding) -> Iterator[FindingOnLink]:
    return (each for each in found if each[1].cause != own.finding.cause or each[1].status is Status.INFO)


def _joined(found: Sequence[FindingOnLink], own: ProbeFinding) -> Finding:
    """Return the probe's own finding, merged with an uncertain finding of a check, if there is one."""
    same = (each for _, each in found if each.cause == own.finding.cause)
    unsure = next((each for each in same if each.status is not Status.INFO), None)
    if unsure is None:
        return own.finding
    return replace(
        own.finding,
        subject=unsure.subject,
        evidence=(*own.finding.evidence, *unsure.evidence),
        fixes=unsure.fixes or own.finding.fixes,
    )


def _in_order(found: Sequence[FindingOnLink]) -> list[FindingOnLink]:
    return sorted(found, key=lambda held: held[0].position)

"""Apply refusals recorded by CloudTrail to findings about permissions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ssmtui.analysis.finding_parts import READ_PARAMETER
from ssmtui.language import say
from ssmtui.model.access_denied import RefusedCall, SessionRefusals, lookup_evidence
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import (
    CHANNEL_ACTIONS,
    DECRYPT,
    DESCRIBE_LOG_GROUPS,
    GENERATE_DATA_KEY,
    GET_BUCKET_ENCRYPTION,
    LOG_WRITE_ACTIONS,
    UPDATE_INSTANCE_INFORMATION,
)

_SOURCE = "cloudtrail:LookupEvents"
_TOLD = 3


@dataclass(frozen=True, slots=True)
class _RefusalProof:
    """The refused actions that prove a cause, its effect on sessions, and the grant that fixes it."""

    actions: tuple[str, ...]
    status: Status
    grant: str


_PROVED: Mapping[str, _RefusalProof] = {
    "role-core-denied": _RefusalProof((UPDATE_INSTANCE_INFORMATION,), Status.FAIL, "attach-core-policy"),
    "role-channels-denied": _RefusalProof(CHANNEL_ACTIONS, Status.FAIL, "attach-core-policy"),
    "kms-node-denied": _RefusalProof((DECRYPT,), Status.FAIL, "grant-node-key-access"),
    "log-group-unreadable": _RefusalProof((DESCRIBE_LOG_GROUPS,), Status.FAIL, "grant-node-log-lookup"),
    "s3-encryption-unreadable": _RefusalProof((GET_BUCKET_ENCRYPTION,), Status.FAIL, "grant-node-bucket-lookup"),
    "cloudwatch-logs-lost": _RefusalProof(LOG_WRITE_ACTIONS, Status.WARN, "grant-node-log-write"),
    "s3-logs-lost": _RefusalProof((GENERATE_DATA_KEY,), Status.WARN, "grant-node-bucket-write"),
}

REFUSAL_CAUSES = frozenset(_PROVED)
"""The causes that a refusal can prove."""


def apply_refusals(findings: Findings, causes: Sequence[str], refusals: SessionRefusals) -> Findings:
    """Return a check's findings with the refusals that CloudTrail recorded for their causes."""
    told = list(findings)
    for cause in causes:
        calls = _of(cause, refusals)
        if not calls:
            continue
        own = [place for place, each in enumerate(told) if each.cause == cause]
        for place in own:
            told[place] = _proved(told[place], calls)
        if not own:
            told.append(_note(cause, refusals, calls))
    return tuple(told)


def describe_refusal(call: RefusedCall) -> str:
    """Return a refusal as a sentence: the action, the resource, the time, and the policy."""
    asked = say("{action} on {resource}", action=call.action, resource=call.resource) if call.resource else call.action
    when = f"{call.at:%H:%M}"
    if not call.because:
        return say("{asked} was denied to the role at {when} UTC ({error})", asked=asked, when=when, error=call.error)
    policy = f"{call.because} {call.policy}" if call.policy else call.because
    if call.explicit:
        return say(
            "{asked} was denied to the role at {when} UTC by an explicit deny: {policy}",
            asked=asked,
            when=when,
            policy=policy,
        )
    return say(
        "{asked} was denied to the role at {when} UTC because no policy allows it: {policy}",
        asked=asked,
        when=when,
        policy=policy,
    )


def _of(cause: str, refusals: SessionRefusals) -> tuple[RefusedCall, ...]:
    proved = _PROVED.get(cause)
    return tuple(call for call in refusals.calls if proved is not None and call.action in proved.actions)


def _proved(finding: Finding, calls: tuple[RefusedCall, ...]) -> Finding:
    evidence = (*_evidence(calls), *finding.evidence)
    if finding.status is not Status.UNKNOWN:
        sure = finding.confidence if finding.status is Status.INFO else Confidence.PROVED
        return replace(finding, confidence=sure, evidence=evidence)
    if READ_PARAMETER in finding.needs:
        return replace(finding, evidence=evidence)  # whether sessions depend on it stays unknown
    return replace(
        finding,
        status=_PROVED[finding.cause].status,
        confidence=Confidence.PROVED,
        summary=say(
            "AWS denied {action} to the role {role} at {when} UTC.",
            role=finding.subject.name,
            action=calls[0].action,
            when=f"{calls[0].at:%H:%M}",
        ),
        evidence=evidence,
        fixes=_fixes(finding.cause, calls),
        needs=(),
    )


def _fixes(cause: str, calls: Sequence[RefusedCall]) -> tuple[str, ...]:
    """Return a grant if AWS says that the role's own policies lack it; the organization's steps if it denies."""
    kinds = {call.because for call in calls}
    if kinds & {"service control policy", "resource control policy"}:
        return ("steps-organization-policy",)
    if kinds == {"identity-based policy"} and not any(call.explicit for call in calls):
        return (_PROVED[cause].grant,)
    return ()


def _note(cause: str, refusals: SessionRefusals, calls: tuple[RefusedCall, ...]) -> Finding:
    subject = Subject(SubjectKind.ROLE, refusals.role)
    return Finding(
        cause=cause,
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=subject,
        summary=say(
            "AWS denied {action} to the role {role} at {when} UTC, but the role's policies allow it now.",
            role=subject.name,
            action=calls[0].action,
            when=f"{calls[0].at:%H:%M}",
        ),
        evidence=_evidence(calls),
    )


def _evidence(calls: Sequence[RefusedCall]) -> tuple[Evidence, ...]:
    told = calls[:_TOLD]
    words = dict.fromkeys(Evidence(describe_refusal(each), _SOURCE) for each in told)
    own_words = dict.fromkeys(said for each in told for said in lookup_evidence(each.looked_up))
    return (*words, *own_words)

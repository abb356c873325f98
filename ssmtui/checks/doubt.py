"""Findings of checks that could not tell, each with what would settle it."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.checks.denials import doubt_evidence
from ssmtui.model.answers import Unreadable
from ssmtui.model.authorization_text import look_up_evidence
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.permissions import EvaluationResult
from ssmtui.model.preferences import EncryptedOnly
from ssmtui.model.subject import Subject

READ_PARAMETER = "ssm:GetParameter"
"""The action that would tell what a `{{ssm:…}}` reference in the preferences stands for."""


def unknown(
    cause: str, subject: Subject, summary: str, evidence: tuple[Evidence, ...], needs: tuple[str, ...] = ()
) -> Finding:
    """An honest answer: it could not be told."""
    return Finding(cause, Status.UNKNOWN, Confidence.POSSIBLE, subject, summary, evidence, needs=needs)


def unread(cause: str, subject: Subject, summary: str, *reads: Unreadable) -> Finding:
    """It could not be told because something could not be read."""
    evidence = tuple(each for read in reads for each in unread_evidence(read))
    return unknown(cause, subject, summary, evidence, needed_for(*reads))


def needed_for(*reads: Unreadable) -> tuple[str, ...]:
    """The IAM actions that would have let something be read."""
    return tuple(dict.fromkeys(each.action for each in reads if each.action))


def unread_evidence(read: Unreadable) -> tuple[Evidence, ...]:
    """Why something could not be read, and AWS's own word for a refusal."""
    return (Evidence(read.why, read.source), *look_up_evidence(read.looked_up))


def switch_as_status(switch: EncryptedOnly) -> tuple[Status, tuple[str, ...]]:
    """How much a log destination's fault matters by its encrypted-only switch, and what would settle that.

    On: no session opens. Off: sessions open, and their logs are lost. A reference: it cannot be told which. A malformed
    switch closes sessions by itself (`preferences-malformed`), whatever becomes of the logs. What whoever
    starts a session chooses, nothing settles.
    """
    if switch is EncryptedOnly.PARAMETER:
        return Status.UNKNOWN, ()
    if switch is EncryptedOnly.REFERENCE:
        return Status.UNKNOWN, (READ_PARAMETER,)
    return (Status.FAIL, ()) if switch is EncryptedOnly.ON else (Status.WARN, ())


def unread_behind(*answers: EvaluationResult) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Why it is not known what answers of IAM hang on, and the IAM actions that would have told."""
    reads = tuple(dict.fromkeys(read for each in answers for read in each.unread))
    return tuple(each for read in reads for each in unread_evidence(read)), needed_for(*reads)


def hanging_on_conditions(cause: str, subject: Subject, summary: str, answers: Sequence[EvaluationResult]) -> Findings:
    """It could not be told where answers of IAM hang on conditions; nothing where there are no such answers."""
    if not answers:
        return ()
    doubts = tuple(doubt_evidence(each) for each in answers)
    why, needs = unread_behind(*answers)
    return (unknown(cause, subject, summary, (*doubts, *why), needs),)

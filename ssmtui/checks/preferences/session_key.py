"""Whether the session key can be used by anybody: it exists, in this Region, enabled, and is of the right kind."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_key
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key, KeyElsewhere
from ssmtui.model.subject import Subject, SubjectKind

_SOURCE = "kms:DescribeKey"
_ANOTHER = ("choose-session-key", "clear-session-key")
# States in which the key's operations work: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_USABLE = frozenset({"Enabled", "Updating"})
_GOING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


@check(
    link=Link.PREFERENCES,
    causes=("kms-key-wrong-region",),
    subject=the_key,
    after=("preferences-are-well-formed", "timeouts-are-in-range"),
)
def session_key_is_of_this_region(scope: Scope, elsewhere: KeyElsewhere) -> Findings:
    """Whether the session key is of this Region."""
    fact = say(
        "the key's ARN names the Region {region}, and sessions here need one of {here}",
        region=elsewhere.region,
        here=scope.region,
    )
    return (
        Finding(
            cause="kms-key-wrong-region",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=Subject(SubjectKind.KEY, elsewhere.arn),
            summary=say(
                "The session key is of {region}; no session in {here} can use it.",
                region=elsewhere.region,
                here=scope.region,
            ),
            evidence=(Evidence(fact, "ssm:GetDocument"),),
            fixes=_ANOTHER,
        ),
    )


@check(
    link=Link.PREFERENCES,
    causes=("kms-key-missing", "kms-key-disabled", "kms-key-pending-deletion", "kms-key-unusable"),
    subject=the_key,
    after=("session-key-is-of-this-region",),
)
def session_key_is_usable(scope: Scope, preferences: SessionPreferences, key: Key | Absent) -> Findings:
    """Whether the session key exists and can be used."""
    if isinstance(key, Absent):
        named = the_key(scope, preferences)
        summary = say("The session key {named} does not exist in {region}.", named=named.name, region=scope.region)
        return (_fault("kms-key-missing", named, summary, say("{what} does not exist", what=key.what), _ANOTHER),)
    subject, state = Subject(SubjectKind.KEY, key.arn), say("KeyState is {state}", state=key.state)
    if key.state in _GOING:
        when = say(" on {date}", date=f"{key.deletion:%Y-%m-%d}") if key.deletion else ""
        summary = say(
            "The session key {subject} is to be deleted{when}, and cannot be used until then either.",
            subject=subject.name,
            when=when,
        )
        undoing = ("cancel-key-deletion", *_ANOTHER)
        return (_fault("kms-key-pending-deletion", subject, summary, f"{state}{when}", undoing),)
    if key.state not in _USABLE:
        disabled = key.state == "Disabled"
        what = say("is disabled") if disabled else say("cannot be used: its state is {state}", state=key.state)
        first = ("enable-key",) if disabled else ()
        cause = "kms-key-disabled" if disabled else "kms-key-unusable"
        return (
            _fault(
                cause,
                subject,
                say("The session key {subject} {what}.", subject=subject.name, what=what),
                state,
                (*first, *_ANOTHER),
            ),
        )
    if key.usage != "ENCRYPT_DECRYPT" or key.spec != "SYMMETRIC_DEFAULT":
        summary = say("The session key {subject} is no symmetric encryption key.", subject=subject.name)
        fact = say("KeySpec is {spec}, KeyUsage is {usage}", spec=key.spec, usage=key.usage)
        return (_fault("kms-key-unusable", subject, summary, fact, _ANOTHER),)
    return ()


def _fault(cause: str, subject: Subject, summary: str, fact: str, fixes: tuple[str, ...]) -> Finding:
    evidence = (Evidence(fact, _SOURCE),)
    return Finding(cause, Status.FAIL, Confidence.PROVED, subject, summary, evidence, fixes)

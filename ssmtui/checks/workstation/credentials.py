"""Whether the credentials will last as long as the work that they are for."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_workstation
from ssmtui.language import say
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.moment import Now
from ssmtui.model.path import Link
from ssmtui.model.workstation import Credentials

_SOON = timedelta(minutes=60)
_VERY_SOON = timedelta(minutes=5)


@check(
    link=Link.WORKSTATION,
    causes=("credentials-expire-soon", "credentials-expired"),
    subject=the_workstation,
    after=("plugin-is-not-known-to-fail",),
)
def credentials_last(credentials: Credentials, now: Now) -> Findings:
    """Whether the credentials last for the next hour."""
    if credentials.expires is None or credentials.expires - now.at >= _SOON:
        return ()
    end = f"{credentials.expires:%H:%M}"
    if credentials.expires <= now.at:
        summary = say("The AWS credentials ended at {end} UTC: no session opens with them any more.", end=end)
        return (_finding("credentials-expired", Status.WARN, summary, credentials),)
    summary = say("The AWS credentials end at {end} UTC: sessions that are open then cannot be resumed.", end=end)
    status = Status.WARN if credentials.expires - now.at < _VERY_SOON else Status.INFO
    return (_finding("credentials-expire-soon", status, summary, credentials),)


def _finding(cause: str, status: Status, summary: str, credentials: Credentials) -> Finding:
    kind = say(credentials.kind.value)
    told = say("they come from {kind}", kind=kind)
    if credentials.renewal:
        told = say("they come from {kind}; renewed by: {command}", kind=kind, command=credentials.renewal)
    return Finding(cause, status, Confidence.PROVED, the_workstation(), summary, (Evidence(told, WORKSTATION),))

"""Check the workstation's clock, credentials, connection to `ssmmessages`, and where it looks for the node."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.analysis.finding_parts import the_workstation, unknown_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Now
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.scope import Scope
from ssmtui.model.workstation import AskedElsewhere, ClockDifference, Credentials, MessagesConnection, Obstruction


@check(
    link=Link.WORKSTATION, causes=("workstation-clock-skewed",), subject=the_workstation, after=("credentials-last",)
)
def clock_is_right(difference: ClockDifference) -> Findings:
    """Whether the clock of this computer is right."""
    if not difference.matters:
        return ()
    minutes = difference.minutes
    summary = (
        say("The clock of this computer is {minutes} minutes ahead of AWS's.", minutes=minutes)
        if difference.seconds > 0
        else say("The clock of this computer is {minutes} minutes behind AWS's.", minutes=minutes)
    )
    evidence = Evidence(
        say("the header Date of its answer is {seconds} seconds off this clock", seconds=abs(difference.seconds)),
        difference.answer,
    )
    return (
        Finding("workstation-clock-skewed", Status.WARN, Confidence.PROVED, the_workstation(), summary, (evidence,)),
    )


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


@check(
    link=Link.WORKSTATION,
    causes=("wrong-region-or-account",),
    subject=the_workstation,
    after=("credentials-last", "clock-is-right"),
)
def node_is_looked_for_where_it_is(scope: Scope, asked: AskedElsewhere) -> Findings:
    """Whether a node asked for is in the account and Region that the AWS CLI would use."""
    errand = asked.errand
    if errand.account == scope.account:
        summary = say(
            "What was asked for is in {region}, and the AWS CLI looks for it in {home}: name --region {region}.",
            region=scope.region,
            home=errand.region,
        )
    else:
        summary = say(
            "What was asked for is in account {account} in {region}, and the AWS CLI looks for it in account "
            "{home_account} in {home}: name --profile and --region.",
            account=scope.account,
            region=scope.region,
            home_account=errand.account,
            home=errand.region,
        )
    # Worded alike for every node, since they share the finding.
    listed = say("the nodes are listed in {region} of account {account}", region=scope.region, account=scope.account)
    return (
        Finding(
            "wrong-region-or-account",
            Status.WARN,
            Confidence.PROVED,
            the_workstation(),
            summary,
            (Evidence(listed, "ssm:DescribeInstanceProperties"),),
        ),
    )


_CAUSE = "messages-endpoint-unreachable"
# What a proxy does with a connection that it could not make, or that was not tried, is not told by that.
_TELLS_NOTHING = frozenset({Obstruction.PROXY_FAILS, Obstruction.PROXY_UNTRIED})


@check(
    link=Link.WORKSTATION,
    causes=(_CAUSE,),
    subject=the_workstation,
    after=("temporary-folder-leaves-room-for-a-socket",),
)
def messages_endpoint_is_reached(way: MessagesConnection) -> Findings:
    """Whether this computer reaches the endpoint of ssmmessages."""
    if way.obstruction is None:
        return ()
    evidence = _evidence(way, way.obstruction)
    if way.obstruction in _TELLS_NOTHING:
        summary = say(
            "Whether this computer reaches {endpoint} through the proxy {proxy} is not known.",
            endpoint=way.endpoint,
            proxy=way.proxy,
        )
        return (unknown_finding(_CAUSE, the_workstation(), summary, (evidence,)),)
    summary = (
        say(
            "This computer does not reach {endpoint} through the proxy {proxy}.", endpoint=way.endpoint, proxy=way.proxy
        )
        if way.proxy
        else say("This computer does not reach {endpoint}.", endpoint=way.endpoint)
    )
    return (
        Finding(
            _CAUSE,
            Status.WARN,
            Confidence.LIKELY,
            the_workstation(),
            summary,
            (evidence,),
            fixes=("steps-network",),
        ),
    )


def _evidence(way: MessagesConnection, obstruction: Obstruction) -> Evidence:
    words = say(obstruction.value)
    fact = say("{words} ({told})", words=words, told=way.told) if way.told else words
    return Evidence(fact, WORKSTATION)

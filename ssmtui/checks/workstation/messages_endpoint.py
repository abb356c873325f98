"""Whether this computer reaches the `ssmmessages` of the Region, over which a session runs."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unknown
from ssmtui.checks.subjects import the_workstation
from ssmtui.language import say
from ssmtui.model.finding import WORKSTATION, Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.workstation import MessagesWay, Obstruction

_CAUSE = "messages-endpoint-unreachable"
# What a proxy does with a connection that it could not make, or that was not tried, is not told by that.
_TELLS_NOTHING = frozenset({Obstruction.PROXY_FAILS, Obstruction.PROXY_UNTRIED})


@check(
    link=Link.WORKSTATION,
    causes=(_CAUSE,),
    subject=the_workstation,
    after=("temporary-folder-leaves-room-for-a-socket",),
)
def messages_endpoint_is_reached(way: MessagesWay) -> Findings:
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
        return (unknown(_CAUSE, the_workstation(), summary, (evidence,)),)
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


def _evidence(way: MessagesWay, obstruction: Obstruction) -> Evidence:
    words = say(obstruction.value)
    fact = say("{words} ({told})", words=words, told=way.told) if way.told else words
    return Evidence(fact, WORKSTATION)

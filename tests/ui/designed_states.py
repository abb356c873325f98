"""The states that the screens are designed for, each as a diagnosis that tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ssmtui.diagnosis.events import Event, ProgressChanged, ScopeFailed, ScopeOpened, ScopeSettled
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.scope import ScopeError, ScopeName, ScopeProblem
from ssmtui.model.sessions import SessionState
from tests.ui.builders import HEALTHY, PARIS, found, log_group_unencrypted, node, told
from tests.ui.demo_fleet import demo_inquiry, events, key_denied
from tests.ui.scripted_inquiry import ScriptedInquiry

IRELAND = ScopeName(None, "eu-west-1")
_CALLS = (("ec2:DescribeInstances", 1), ("ssm:DescribeInstanceProperties", 1))


def _progress(settled: int, listed: int, *, listing: bool = False, throttled: bool = False, waits: str = "") -> Event:
    waiting = (waits,) if waits else ()
    return ProgressChanged(PARIS.name, settled, listed, listing, _CALLS, throttled, waiting_for=waiting)


def _failed(problem: ScopeProblem, message: str, name: ScopeName = PARIS.name, action: str = "") -> Event:
    return ScopeFailed(ScopeError(name, problem, message, "", action=action))


def opening() -> ScriptedInquiry:
    return ScriptedInquiry()


def loading() -> ScriptedInquiry:
    return ScriptedInquiry(ScopeOpened(PARIS), _progress(0, 0, listing=True, waits="ec2:DescribeInstances"))


def empty() -> ScriptedInquiry:
    return ScriptedInquiry(ScopeOpened(PARIS), _progress(0, 0), ScopeSettled(PARIS.name))


def partial() -> ScriptedInquiry:
    """Two Regions as they are, and a third that could not be opened."""
    handle = demo_inquiry()
    handle.tell(_failed(ScopeProblem.REFUSED, "not authorized", IRELAND, "ec2:DescribeInstances"))
    return handle


def refused() -> ScriptedInquiry:
    said = "User: ada is not authorized to perform: ec2:DescribeInstances because no identity-based policy allows it"
    return ScriptedInquiry(_failed(ScopeProblem.REFUSED, said, action="ec2:DescribeInstances"))


def unreadable() -> ScriptedInquiry:
    """Nodes are listed, and nothing that is behind them may be read."""
    handle = ScriptedInquiry(*events())
    denied = Unreadable("ssm:DescribeSessions", "User: ada is not authorized to perform: ssm:DescribeSessions")
    for state in SessionState:
        handle.unread[PARIS.name, state] = denied
    return handle


def throttled() -> ScriptedInquiry:
    nodes = [node(f"web-{number}", number) for number in range(1, 31)]
    bad = log_group_unencrypted(nodes[:3])
    heard = told(PARIS, nodes[:9], verdicts=HEALTHY)
    progress = _progress(9, 30, throttled=True, waits="iam:SimulatePrincipalPolicy")
    return ScriptedInquiry(ScopeOpened(PARIS), *heard, *told(PARIS, nodes[9:]), *found(bad, nodes[:3]), progress)


def offline() -> ScriptedInquiry:
    said = "Could not connect to the endpoint URL: https://sts.eu-west-3.amazonaws.com/"
    return ScriptedInquiry(_failed(ScopeProblem.UNREACHABLE, said))


def ten_thousand() -> ScriptedInquiry:
    nodes = [node(f"web-{number:05}", number) for number in range(10_000)]
    bad, lost = log_group_unencrypted(nodes[:1_234]), key_denied(nodes[5_000:5_003])
    return ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, nodes, verdicts=HEALTHY),
        *found(bad, nodes[:1_234]),
        *found(lost, nodes[5_000:5_003], VerdictStatus.FAIL),
        _progress(10_000, 10_000),
        ScopeSettled(PARIS.name),
    )


STATES: Mapping[str, Callable[[], ScriptedInquiry]] = {
    each.__name__: each
    for each in (opening, loading, empty, partial, refused, unreadable, throttled, offline, ten_thousand)
}

"""What the caller may do towards remote desktops: asked only where a Windows node is managed."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.caller.caller_identity import CallerIdentity, done_by_caller, known_of_caller
from ssmtui.evidence.readers.identity.judged_caller import JudgedCaller
from ssmtui.evidence.readers.identity.roles import CallerPolicies, CallerStatements
from ssmtui.evidence.readers.permissions.own_evaluation import evaluate
from ssmtui.evidence.readers.permissions.settling import settled
from ssmtui.evidence.readers.permissions.simulation import simulate, simulate_on_many
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.agent_requests import context_through
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.node import PlatformFamily
from ssmtui.model.permissions import SIMULATION, CallerDesktopPermissions, Permissions, Question, best_of
from ssmtui.model.questions import DESKTOP_SERVICE, OPEN_DATA_CHANNEL, desktop_questions
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode, WindowsNode


class SimulatedDesktop(Permissions):
    """IAM's answers about the caller and remote desktops."""

    __slots__ = ()


@derives
def windows_node(managed: ManagedNode) -> WindowsNode | Moot:
    """A managed node that runs Windows."""
    if managed.registration.platform_family is not PlatformFamily.WINDOWS:
        return Moot(say("remote desktops are opened to Windows only"))
    return WindowsNode(managed.node)


def _principal_and_id(
    scope: Scope,
    windows: WindowsNode,
    caller: JudgedCaller,
    identity: CallerIdentity,
    fleet: ManagedFleet | Unreadable,
) -> Hashable:
    return caller.principal, identity, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal_and_id)
async def simulated_desktop(
    aws: Aws,
    scope: Scope,
    windows: WindowsNode,
    caller: JudgedCaller,
    identity: CallerIdentity,
    fleet: ManagedFleet | Unreadable,
) -> SimulatedDesktop:
    """The channel is judged on the ARNs of the caller's own sessions, opened by the service in its name."""
    known, done = known_of_caller(scope, caller, identity), done_by_caller(scope, fleet)
    answers = await simulate(aws, caller.principal, desktop_questions(), lambda _question: known, done=done)
    arns, context = identity.session_arns(scope), identity.session_context()
    through = context_through(scope, caller.principal, DESKTOP_SERVICE)
    asked = (OPEN_DATA_CHANNEL,)
    channel = await simulate_on_many(aws, caller.principal, asked, arns, context, known=through, done=done)
    return SimulatedDesktop(caller.principal, (*answers, best_of(tuple(channel.values()))))


@derives
def caller_desktop_permissions(
    scope: Scope,
    windows: WindowsNode,
    caller: JudgedCaller,
    identity: CallerIdentity,
    simulated: SimulatedDesktop | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
    statements: CallerStatements | Absent | Moot | Unreadable,
) -> CallerDesktopPermissions | Unreadable:
    """What IAM says, else what the policies of the caller's role say."""
    known, through = (
        known_of_caller(scope, caller, identity),
        context_through(scope, caller.principal, DESKTOP_SERVICE),
    )
    if isinstance(simulated, SimulatedDesktop):
        *own, opening = simulated.answers
        told = (*(settled(each, statements, known) for each in own), settled(opening, statements, through))
        return CallerDesktopPermissions(simulated.principal, told)
    if not isinstance(policies, CallerPolicies):
        return simulated
    context = identity.session_context()
    channel = [Question(OPEN_DATA_CHANNEL, arn, context) for arn in identity.session_arns(scope)]
    best = best_of(evaluate(policies, channel, lambda _question: through))
    desktop = evaluate(policies, desktop_questions(), lambda _question: known)
    return CallerDesktopPermissions(caller.principal, (*desktop, best))

"""Checks of the operating system: the user of sessions, and probes that nothing else explains."""

from __future__ import annotations

from ssmtui.analysis.console_log import NO_SSM_USER, console_evidence, last_line, unread_console_finding
from ssmtui.analysis.finding_parts import the_node, unknown_finding
from ssmtui.analysis.probe_results import TRANSIENT_CAUSES, describe_probe
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import PROBE, Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.node import Node
from ssmtui.model.node_facts import ConsoleOutput, ConsoleOutputQuery, DirectoryService, ManagedNode
from ssmtui.model.probe import ProbeOutcome, Probes
from ssmtui.model.ssm_agent import is_older_version

_DOMAIN_CONTROLLER_CAUSE = "domain-controller"
_INVENTORY = "ssm:ListInventoryEntries"
# From this version on, the agent creates ssm-user at the first session, and never on a domain controller
# (docs/facts/sessions.md §5).
_MADE_AT_FIRST_SESSION = "2.3.612.0"


@check(link=Link.SYSTEM, causes=(_DOMAIN_CONTROLLER_CAUSE,), subject=the_node)
def node_is_no_domain_controller(managed: ManagedNode, directory: DirectoryService | Absent, node: Node) -> Findings:
    """Whether the node is a domain controller."""
    version = managed.registration.agent_version
    if isinstance(directory, Absent):
        summary = say(
            "Cannot determine whether {node} is a domain controller: it has no inventory of services.", node=node.name
        )
        evidence = (Evidence(say("there is no inventory of the type AWS:Service"), directory.source),)
        return (unknown_finding(_DOMAIN_CONTROLLER_CAUSE, the_node(node), summary, evidence),)
    if not directory.running:
        return ()
    when = (
        say("when the agent starts")
        if is_older_version(version, _MADE_AT_FIRST_SESSION)
        else say("at the first session, but not on a domain controller")
    )
    return (
        Finding(
            cause=_DOMAIN_CONTROLLER_CAUSE,
            status=Status.FAIL,
            # If somebody created a user ssm-user in the domain, sessions open; no API shows whether it exists.
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} is a domain controller; on these, SSM Agent does not create the user ssm-user.", node=node.name
            ),
            evidence=(
                Evidence(
                    say("the Windows service NTDS is running (inventory of {captured})", captured=directory.captured),
                    _INVENTORY,
                ),
                Evidence(
                    say("SSM Agent {version} creates ssm-user {when}", version=version, when=when),
                    "ssm:DescribeInstanceProperties",
                ),
            ),
            fixes=("steps-domain-controller",),
        ),
    )


_SESSION_USER_CAUSE = "ssm-user-refused"


@check(
    link=Link.SYSTEM,
    causes=(_SESSION_USER_CAUSE,),
    subject=the_node,
    after=("node-is-no-domain-controller",),
    without={ConsoleOutput: "it denies, and does not allow"},
    confirms=False,
)
def agent_could_make_its_user(
    asked: ConsoleOutputQuery, console: ConsoleOutput | Absent | Unreadable, node: Node
) -> Findings:
    """Whether SSM Agent was able to create the user ssm-user."""
    if isinstance(console, Unreadable):
        summary = say("Cannot determine whether SSM Agent of {node} could create the user ssm-user.", node=node.name)
        return (unread_console_finding(_SESSION_USER_CAUSE, the_node(node), summary, asked, console),)
    line = last_line(console, NO_SSM_USER)
    if line is None:
        return ()
    return (
        Finding(
            cause=_SESSION_USER_CAUSE,
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("SSM Agent of {node} could not create the user ssm-user.", node=node.name),
            evidence=(console_evidence(line),),
            fixes=("restart-agent",),
        ),
    )


_UNEXPLAINED_CAUSE = "session-unexplained"

OF_THIS_COMPUTER = frozenset(
    {
        "credentials-expire-soon",
        "credentials-expired",
        "credentials-missing",
        "encryption-challenge-failed",
        "handshake-timed-out",
        "local-port-taken",
        "messages-endpoint-unreachable",
        "no-terminal",
        "plugin-known-bad",
        "plugin-missing",
        "plugin-not-on-path",
        "plugin-outdated",
        "socket-path-too-long",
        "ssh-tail",
        "workstation-clock-skewed",
        "wrong-region-or-account",
    }
)
"""Causes on the computer that opens the session: they explain a session's end, and say nothing about the node."""

_EXPLAINS_NOTHING = TRANSIENT_CAUSES | OF_THIS_COMPUTER


@check(link=Link.SYSTEM, causes=(_UNEXPLAINED_CAUSE,), subject=the_node, after=("node-is-no-domain-controller",))
def a_probe_of_it_is_explained(probes: Probes, node: Node) -> Findings | NotApplicable:
    """Whether a probe of the node opened a session, or stopped for a known reason."""
    left = [each for each in probes.in_order if _is_unexplained(each)]
    if not left:
        return () if probes.opened_a_shell else NotApplicable(say("no probe has opened a shell"))
    summary = say(
        "Cannot determine whether a session to {node} opens: {met}.", node=node.name, met=describe_probe(left[-1])
    )
    evidence = tuple(Evidence(describe_probe(each), PROBE) for each in left)
    return (unknown_finding(_UNEXPLAINED_CAUSE, the_node(node), summary, evidence),)


def _is_unexplained(outcome: ProbeOutcome) -> bool:
    if outcome.opened or not outcome.reached_the_node:
        return False
    return outcome.cause is None or outcome.cause in _EXPLAINS_NOTHING

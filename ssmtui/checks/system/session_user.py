"""Check whether SSM Agent can create the user that sessions run as."""

from __future__ import annotations

from ssmtui.analysis.console_log import NO_SSM_USER, console_evidence, last_line, unread_console_finding
from ssmtui.analysis.finding_parts import the_node, unknown_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.node_facts import ConsoleAsked, ConsoleOutput, DirectoryService, ManagedNode
from ssmtui.model.ssm_agent import is_older_version

_DOMAIN_CONTROLLER_CAUSE = "domain-controller"
_INVENTORY = "ssm:ListInventoryEntries"
# From this version on the agent makes ssm-user at the first session, and never on a domain controller
# (docs/facts/sessions.md §5).
_MADE_AT_FIRST_SESSION = "2.3.612.0"


@check(link=Link.SYSTEM, causes=(_DOMAIN_CONTROLLER_CAUSE,), subject=the_node)
def node_is_no_domain_controller(managed: ManagedNode, directory: DirectoryService | Absent) -> Findings:
    """Whether the node is a domain controller."""
    node, version = managed.node, managed.registration.agent_version
    if isinstance(directory, Absent):
        summary = say(
            "Whether {node} is a domain controller could not be told: it has no inventory of services.", node=node.name
        )
        evidence = (Evidence(say("there is no inventory of the type AWS:Service"), directory.source),)
        return (unknown_finding(_DOMAIN_CONTROLLER_CAUSE, the_node(node), summary, evidence),)
    if not directory.running:
        return ()
    when = (
        say("when it starts")
        if is_older_version(version, _MADE_AT_FIRST_SESSION)
        else say("at the first session, never here")
    )
    return (
        Finding(
            cause=_DOMAIN_CONTROLLER_CAUSE,
            status=Status.FAIL,
            # A user ssm-user that somebody made in the domain lets sessions open; no API tells whether there is one.
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} is a domain controller, where SSM Agent does not create its user ssm-user.", node=node.name
            ),
            evidence=(
                Evidence(
                    say("the Windows service NTDS runs (inventory of {captured})", captured=directory.captured),
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
)
def agent_could_make_its_user(asked: ConsoleAsked, console: ConsoleOutput | Absent | Unreadable) -> Findings:
    """Whether SSM Agent could make the user ssm-user."""
    node = asked.node
    if isinstance(console, Unreadable):
        summary = say("Whether SSM Agent of {node} could make the user ssm-user could not be told.", node=node.name)
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
            summary=say("SSM Agent of {node} could not make the user ssm-user.", node=node.name),
            evidence=(console_evidence(line),),
            fixes=("restart-agent",),
        ),
    )

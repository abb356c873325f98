"""Whether a Windows node is a domain controller, where SSM Agent does not make its user `ssm-user`."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unknown
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.agent_version import older
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import ManagedNode
from ssmtui.model.system import DirectoryService

_CAUSE = "domain-controller"
_INVENTORY = "ssm:ListInventoryEntries"
# From this version on the agent makes ssm-user at the first session, and never on a domain controller
# (docs/facts/sessions.md §5).
_MADE_AT_FIRST_SESSION = "2.3.612.0"


@check(link=Link.SYSTEM, causes=(_CAUSE,), subject=the_node)
def node_is_no_domain_controller(managed: ManagedNode, directory: DirectoryService | Absent) -> Findings:
    """Whether the node is a domain controller."""
    node, version = managed.node, managed.registration.agent_version
    if isinstance(directory, Absent):
        summary = say(
            "Whether {node} is a domain controller could not be told: it has no inventory of services.", node=node.name
        )
        evidence = (Evidence(say("there is no inventory of the type AWS:Service"), directory.source),)
        return (unknown(_CAUSE, the_node(node), summary, evidence),)
    if not directory.running:
        return ()
    when = say("when it starts") if older(version, _MADE_AT_FIRST_SESSION) else say("at the first session, never here")
    return (
        Finding(
            cause=_CAUSE,
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

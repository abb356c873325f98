"""`update-agent`: SSM Agent of a node is brought up to date by Run Command."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.nodes.run_command import UPDATE_AGENT, NodeCommand, sent
from ssmtui.fixes.steps.install_agent import newest_agent
from ssmtui.language import marked, say
from ssmtui.model.agent_version import newest, older
from ssmtui.model.answers import Unreadable
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.moment import Now
from ssmtui.model.node import Node
from ssmtui.model.plan import FactChange, NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode, Observation

_SLUG = "update-agent"
_STALE = (Node, Observation, ManagedFleet)

_RELEASED = "3.3.5828.0"
"""A release of 2026 that is known to be out (docs/facts/nodes.md §10): the update brings this one, or a newer one."""

_COMMANDS_BY_SSMMESSAGES = "3.3.40.0"
_UNDO = marked(
    "None here. The document AWS-UpdateSSMAgent puts back an earlier version where it is given allowDowngrade."
)
_OLD = marked("An agent this old takes commands by ec2messages only: that service must be within its reach.")
_DOWNLOADS = marked("The node must reach the S3 bucket of its Region from which AWS hands out the agent.")


@fix(slug=_SLUG, stale=_STALE)
def update_agent(
    scope: Scope, managed: ManagedNode, fleet: ManagedFleet | Unreadable, now: Now
) -> Plan | NotApplicable:
    """Update to the newest version that AWS hands out in the Region."""
    node, version = managed.node, managed.registration.agent_version
    known = fleet.newest_agent if isinstance(fleet, ManagedFleet) else ""
    expected = newest({each for each in (known, _RELEASED, version) if each})
    command = NodeCommand(
        fix=_SLUG,
        title=say("Update SSM Agent of {node} ({id})", node=node.name, id=node.id),
        document=UPDATE_AGENT,
        parameters={},
        before=version,
        after=say("the newest version that AWS hands out ({version}, or newer)", version=expected),
        undo=say(_UNDO),
        loses=say("Sessions that are open on the node may end."),
        delay=say("A few minutes: the agent is downloaded, installed and started."),
        by_hand=newest_agent(scope, node),
        notes=(say(_DOWNLOADS), *((say(_OLD),) if older(version, _COMMANDS_BY_SSMMESSAGES) else ())),
    )
    updated = replace(node, registration=replace(managed.registration, agent_version=expected))
    return sent(command, scope, managed, now, (FactChange(Node, updated, replaces=node),), _STALE)

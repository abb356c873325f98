"""`restart-agent`: SSM Agent of a node is restarted by Run Command, so that it opens its channels anew."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.delays import FIRST_REPORT
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.frame.restarting_agent import RESTART_BY_HAND
from ssmtui.fixes.nodes.run_command import POWERSHELL, SHELL, NodeCommand, sent
from ssmtui.language import marked, say
from ssmtui.model.moment import Now
from ssmtui.model.node import ConnectionStatus, PlatformFamily
from ssmtui.model.plan import FactChange, NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode, Observation
from ssmtui.model.steps import Step

_SLUG = "restart-agent"
_STALE = (Observation,)

# The agent carries the command out, so the restart is left behind for a few seconds later: it would end its own report.
_LINUX = (
    "unit=amazon-ssm-agent",
    "systemctl cat snap.amazon-ssm-agent.amazon-ssm-agent >/dev/null 2>&1 && "
    "unit=snap.amazon-ssm-agent.amazon-ssm-agent",
    'systemd-run --on-active=5 systemctl restart "$unit" || '
    "nohup sh -c 'sleep 5; service amazon-ssm-agent restart || restart amazon-ssm-agent' >/dev/null 2>&1 &",
)
_MACOS = ("nohup sh -c 'sleep 5; launchctl kickstart -k system/com.amazon.aws.ssm' >/dev/null 2>&1 &",)
_WINDOWS = (
    "Start-Process powershell.exe -WindowStyle Hidden -ArgumentList "
    "'-NoProfile', '-Command', 'Start-Sleep 5; Restart-Service AmazonSSMAgent'",
)
_SCRIPTS = {
    PlatformFamily.LINUX: (SHELL, _LINUX),
    PlatformFamily.MACOS: (SHELL, _MACOS),
    PlatformFamily.WINDOWS: (POWERSHELL, _WINDOWS),
}

_RESTART = marked("Restart SSM Agent there.")

_NO_WAY_BACK = marked("There is none, and none is needed: the agent runs again by itself.")
_LOSES = marked("Sessions and commands that are open on the node end.")


@fix(slug=_SLUG, stale=_STALE)
def restart_agent(scope: Scope, managed: ManagedNode, observation: Observation, now: Now) -> Plan | NotApplicable:
    """Have it restarted a few seconds after the command has reported."""
    node = managed.node
    document, lines = _SCRIPTS[managed.registration.platform_family]
    command = NodeCommand(
        fix=_SLUG,
        title=say("Restart SSM Agent of {node} ({id})", node=node.name, id=node.id),
        document=document,
        parameters={"commands": list(lines)},
        before="",
        after="",
        undo=say(_NO_WAY_BACK),
        loses=say(_LOSES),
        delay=say("A minute or so, until the agent has started and opened its channels."),
        settles_within=FIRST_REPORT,
        by_hand=Step(say(_RESTART), *RESTART_BY_HAND[managed.registration.platform_family]),
    )
    connected = replace(observation, connection=ConnectionStatus.CONNECTED)
    after = (FactChange(Observation, connected, replaces=observation, node=node.key),)
    return sent(command, scope, managed, now, after, _STALE)

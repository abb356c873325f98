"""`raise-inotify-limit`: the number of inotify instances of a Linux node is raised by Run Command."""

from __future__ import annotations

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.nodes.run_command import SHELL, NodeCommand, sent
from ssmtui.language import marked, say
from ssmtui.model.moment import Now
from ssmtui.model.node import PlatformFamily
from ssmtui.model.plan import NotApplicable, Plan
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import StaleSessions
from ssmtui.model.standing import ManagedNode
from ssmtui.model.steps import Step

_SLUG = "raise-inotify-limit"
_STALE = (StaleSessions,)

# User Guide, session-manager-troubleshooting: "document worker timed out".
_LIMIT = 8192
_USUAL = 128
_UNDO = marked("None here: the limit holds until the node starts again, because it is written to no file.")
_TO_KEEP = marked("To keep it, write fs.inotify.max_user_instances=8192 into a file under /etc/sysctl.d on the node.")


@fix(slug=_SLUG, stale=_STALE)
def raise_inotify_limit(scope: Scope, managed: ManagedNode, now: Now) -> Plan | NotApplicable:
    """Raise it to what AWS documents, until the node starts again."""
    node = managed.node
    if managed.registration.platform_family is not PlatformFamily.LINUX:
        return NotApplicable(_SLUG, say("{node} is no Linux node: only Linux has this limit", node=node.name))
    command = NodeCommand(
        fix=_SLUG,
        title=say("Raise the inotify limit of {node} ({id})", node=node.name, id=node.id),
        document=SHELL,
        parameters={"commands": [f"sysctl fs.inotify.max_user_instances={_LIMIT}"]},
        before=say("fs.inotify.max_user_instances as it is ({usual}, where nobody changed it)", usual=_USUAL),
        after=f"fs.inotify.max_user_instances={_LIMIT}",
        undo=say(_UNDO),
        delay=say("At once: the next session finds room."),
        notes=(say(_TO_KEEP),),
        by_hand=Step(say("Raise the limit there."), f"sudo sysctl fs.inotify.max_user_instances={_LIMIT}"),
    )
    return sent(command, scope, managed, now, (), _STALE)

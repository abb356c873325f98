"""`steps-domain-controller`: the user that sessions run as is made in the domain, by the agent's version."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.agent_version import older
from ssmtui.model.node import Node
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-domain-controller"

# User Guide 2023, session-manager-getting-started-ssm-user-permissions; docs/facts/sessions.md §5.
_SINCE = "2.3.612.0"
_LOOK = "Get-ADUser -Filter \"Name -eq 'ssm-user'\""
_MAKE_USER = """\
$text = [guid]::NewGuid().ToString() + 'aA1!'
$password = ConvertTo-SecureString $text -AsPlainText -Force
New-ADUser -Name ssm-user -AccountPassword $password -Enabled $true
Add-ADGroupMember -Identity 'Domain Admins' -Members ssm-user"""

_OLD = marked(
    "SSM Agent {version} is older than {since}: it made ssm-user when it started, so the account may be there already. "
    "Look for it first."
)
_UPDATE = marked("Bring the agent up to date, so that it resets the user's password at the start of each session.")
_MAKE = marked(
    "On the domain controller, over RDP or by Run Command (AWS-RunPowerShellScript needs no ssm-user), make the user "
    "and give it Domain Administrator permissions. The password is random: the agent sets a new one at each session."
)
_NOT = marked(
    "Do not disable the domain service, though the error text says so: it is what the machine is there for. Start a "
    "new session instead, and see it open."
)


@by_hand(_SLUG)
def domain_controller(scope: Scope, node: Node) -> Steps | NotApplicable:
    """Whether the agent may have made the user already depends on its version."""
    version = node.agent_version or ""
    id_, region = word(node.id, "INSTANCE_ID"), word(scope.region, "REGION")
    update = (
        f"aws ssm send-command --region {region} --document-name AWS-UpdateSSMAgent \\\n"
        f"  --targets Key=InstanceIds,Values={id_}"
    )
    first = (
        (
            Step(say(_OLD, version=version, since=_SINCE), _LOOK, Form.POWERSHELL),
            Step(say(_UPDATE), update),
        )
        if older(version, _SINCE)
        else ()
    )
    title = say("Make ssm-user in the domain of {node}", node=node.name)
    return Steps(_SLUG, title, (*first, Step(say(_MAKE), _MAKE_USER, Form.POWERSHELL), Step(say(_NOT))))

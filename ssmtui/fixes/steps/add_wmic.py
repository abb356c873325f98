"""`steps-add-wmic`: Windows Server 2025 is given WMIC, so that an older SSM Agent can update itself."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.fixes.steps.install_agent import newest_agent
from ssmtui.language import marked, say
from ssmtui.model.node import Node, NodeKind
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-add-wmic"

_ADD = marked("Add WMIC by Run Command, which the agent takes without it.")
_BY_HAND = marked("Where no command gets through, run this on the node itself, as Administrator.")
_UPDATE = marked("Then update the agent: from 3.3.1345.0 on it needs no WMIC.")
_REGISTER = marked(
    "A hybrid node that was registered with WMIC may lose its registration by that update, with the error "
    "MachineFingerprintDoesNotMatch: keep an activation at hand to register it anew."
)
# github.com/aws/amazon-ssm-agent/issues/597, a maintainer's answer.
_CAPABILITY = 'Add-WindowsCapability -Online -Name "WMIC"'


@by_hand(_SLUG)
def add_wmic(scope: Scope, node: Node) -> Steps | NotApplicable:
    """By Run Command where it gets through, else on the node."""
    sent = f"aws ssm send-command --region {word(scope.region, 'REGION')} --instance-ids {word(node.id, 'NODE_ID')}"
    add = f"{sent} \\\n  --document-name AWS-RunPowerShellScript \\\n  --parameters 'commands=[{_CAPABILITY}]'"
    update = f"{sent} \\\n  --document-name AWS-UpdateSSMAgent"
    steps = (
        Step(say(_ADD), add),
        Step(say(_BY_HAND), _CAPABILITY, Form.POWERSHELL),
        Step(say(_UPDATE), update),
        newest_agent(scope, node),
        *((Step(say(_REGISTER)),) if node.kind is NodeKind.HYBRID else ()),
    )
    return Steps(_SLUG, say("Add WMIC to {node}, and update its agent", node=node.name), steps)

"""`steps-reregister`: a machine outside EC2 is registered anew, or a registration that is too many is removed."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Finding
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.node import Instance, Node, NodeKind, PlatformFamily, Registration
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-reregister"

_WHY = marked("First look for why the node is away: one that is registered needs no activation to come back.")
_ACTIVATE = marked(
    "Create an activation for the same role. It answers with an id and a code, and is good for one machine."
)
_REGISTER = marked("On the machine, register the agent with that id and code.")
_FORGET = marked("Remove the old registration.")
_WHICH = marked(
    "Decide which of the two ids the machine is to keep. An EC2 instance needs no activation: keep its i- id."
)
_CLEAR = marked("On the machine, clear the registration that is too many, and start the agent again.")
_QUOTA = marked("Look up the quota that holds for you, and ask for a higher one before it is reached.")
_GONE = marked("List hybrid nodes that have not reported for long, and deregister those that are no more.")


@by_hand(_SLUG)
def reregister(
    scope: Scope,
    finding: Finding,
    node: Node | Absent | Moot | Unreadable,
    fleet: ManagedFleet | Absent | Moot | Unreadable,
) -> Steps | NotApplicable:
    """By what is wrong: an activation that is over, one machine twice, or too many nodes."""
    region = word(scope.region, "REGION")
    if finding.cause == "managed-node-quota":
        return Steps(_SLUG, say("Make room for more managed nodes in {region}", region=scope.region), _room(region))
    if not isinstance(node, Node):
        return NotApplicable(_SLUG, say("the node is not to be seen"))
    too_many = _outside_ec2(node, fleet)
    deregister = Step(say(_FORGET), f"aws ssm deregister-managed-instance --region {region} --instance-id {too_many}")
    if finding.cause == "duplicate-registration":
        clear = Step(say(_CLEAR), _cleared(node), _form(node))
        title = say("Remove the registration of {node} that is too many", node=node.name)
        return Steps(_SLUG, title, (Step(say(_WHICH)), clear, deregister))
    title = say("Register {node} anew", node=node.name)
    activate = f"aws ssm create-activation --region {region} --iam-role {_role(node)} --registration-limit 1"
    register = Step(say(_REGISTER), _registered(node, region), _form(node))
    return Steps(_SLUG, title, (Step(say(_WHY)), Step(say(_ACTIVATE), activate), register, deregister))


def _room(region: str) -> tuple[Step, ...]:
    quota = f"aws service-quotas list-service-quotas --region {region} --service-code ssm --output table"
    lost = (
        f"aws ssm describe-instance-information --region {region} \\\n"
        "  --filters Key=ResourceType,Values=ManagedInstance Key=PingStatus,Values=ConnectionLost \\\n"
        "  --query 'InstanceInformationList[].[InstanceId,ComputerName,LastPingDateTime]' --output table"
    )
    forget = f"aws ssm deregister-managed-instance --region {region} --instance-id NODE_ID"
    return (Step(say(_QUOTA), quota), Step(say(_GONE), f"{lost}\n{forget}"))


def _outside_ec2(node: Node, fleet: ManagedFleet | Absent | Moot | Unreadable) -> str:
    """The registration that can be removed: the node's own, or the one under which an instance's machine is known."""
    if node.kind is NodeKind.HYBRID:
        return word(node.id, "NODE_ID")
    address = node.instance.private_ip if isinstance(node.instance, Instance) else None
    found = fleet.hybrid_at.get(address or "", ()) if isinstance(fleet, ManagedFleet) else ()
    return word(found[0].id if len(found) == 1 else "", "mi-ID")


def _role(node: Node) -> str:
    role = node.registration.iam_role if isinstance(node.registration, Registration) else None
    return word(role or "", "ROLE")


def _form(node: Node) -> Form:
    return Form.POWERSHELL if node.platform_family is PlatformFamily.WINDOWS else Form.SHELL


def _registered(node: Node, region: str) -> str:
    # User Guide, hybrid-multicloud-ssm-agent-install-linux and -windows.
    if node.platform_family is PlatformFamily.WINDOWS:
        return (
            "Stop-Service AmazonSSMAgent\n"
            "& 'C:\\Program Files\\Amazon\\SSM\\amazon-ssm-agent.exe' -register -y "
            f"-code ACTIVATION_CODE -id ACTIVATION_ID -region {region}\n"
            "Start-Service AmazonSSMAgent"
        )
    return (
        "sudo systemctl stop amazon-ssm-agent\n"
        f"sudo amazon-ssm-agent -register -y -code ACTIVATION_CODE -id ACTIVATION_ID -region {region}\n"
        "sudo systemctl start amazon-ssm-agent"
    )


def _cleared(node: Node) -> str:
    if node.platform_family is PlatformFamily.WINDOWS:
        return (
            "Stop-Service AmazonSSMAgent\n"
            "& 'C:\\Program Files\\Amazon\\SSM\\amazon-ssm-agent.exe' -register -clear\n"
            "Start-Service AmazonSSMAgent"
        )
    return (
        "sudo systemctl stop amazon-ssm-agent\n"
        "sudo amazon-ssm-agent -register -clear\n"
        "sudo systemctl start amazon-ssm-agent"
    )

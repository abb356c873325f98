"""Steps to install, update or register SSM Agent on a machine."""

from __future__ import annotations

from ssmtui.language import say, translatable
from ssmtui.model.fact import NoFact
from ssmtui.model.finding import Finding
from ssmtui.model.node import AZURE_MACHINE, Instance, Node, NodeKind, PlatformFamily, Registration
from ssmtui.model.node_facts import FleetAtAddress, ManagedFleet
from ssmtui.model.plan import FixNotApplicable, Form, Step, Steps, shell_word
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.registry import manual_steps

_INSTALL_AGENT = "steps-install-agent"

_GET_IN = translatable("Connect to {node} in another way: SSH, RDP, EC2 Instance Connect or the EC2 serial console.")
_GET_IN_HYBRID = translatable("Log in to {node} directly: Systems Manager cannot reach it.")
_LOOK_AT_AGENT = translatable("Check whether the agent is installed and running.")
_START_AGENT = translatable("If the agent is installed, start it.")
_INSTALL_STEP = translatable("If the agent is not installed, install it (User Guide, manually installing SSM Agent).")
_INSTALL_NEWEST = translatable(
    "Install the latest agent over the existing version (User Guide, manually installing SSM Agent)."
)
_ASK_AGENT = translatable("Run the diagnostics of the agent (3.1.501.0 or later, as root or Administrator).")
_NO_WAY_IN = translatable(
    "If you cannot connect at all, put the installation commands into the user data of the instance, then stop and "
    "start the instance."
)


@manual_steps(_INSTALL_AGENT)
def install_agent(scope: Scope, node: Node) -> Steps | FixNotApplicable:
    """Return the commands for the node's operating system; ARM processors have another package."""
    windows = node.platform_family is PlatformFamily.WINDOWS
    look, start, install, ask = _windows(scope) if windows else _unix(scope, node)
    form = Form.POWERSHELL if windows else Form.SHELL
    steps = (
        get_in(node),
        Step(say(_LOOK_AT_AGENT), look, form),
        Step(say(_START_AGENT), start, form),
        Step(say(_INSTALL_STEP), install, form),
        Step(say(_ASK_AGENT), ask, form),
        *(() if node.kind is NodeKind.HYBRID else (Step(say(_NO_WAY_IN)),)),
    )
    return Steps(_INSTALL_AGENT, say("Repair SSM Agent on {node}", node=node.name), steps)


def get_in(node: Node) -> Step:
    """Return how to log in to a node that Systems Manager does not reach."""
    return Step(say(_GET_IN_HYBRID if node.kind is NodeKind.HYBRID else _GET_IN, node=node.name))


def newest_agent(scope: Scope, node: Node) -> Step:
    """Return the commands that replace an older agent by the newest."""
    if node.platform_family is PlatformFamily.WINDOWS:
        return Step(say(_INSTALL_NEWEST), _windows(scope)[2], Form.POWERSHELL)
    if "ubuntu" in node.platform.casefold():
        return Step(say(_INSTALL_NEWEST), "sudo snap refresh amazon-ssm-agent")
    return Step(say(_INSTALL_NEWEST), _unix(scope, node)[2])


def _unix(scope: Scope, node: Node) -> tuple[str, str, str, str]:
    if node.platform_family is PlatformFamily.MACOS:
        label = "system/com.amazon.aws.ssm"
        plist = "/Library/LaunchDaemons/com.amazon.aws.ssm.plist"
        install = f"curl -fsSO {_bucket(scope)}/latest/darwin_amd64/amazon-ssm-agent.pkg\n"
        install += "sudo installer -pkg amazon-ssm-agent.pkg -target /"
        return f"sudo launchctl print {label}", f"sudo launchctl load -w {plist}", install, _DIAGNOSTICS
    if "ubuntu" in node.platform.casefold():
        return (
            "sudo snap services amazon-ssm-agent || sudo systemctl status amazon-ssm-agent",
            "sudo snap start amazon-ssm-agent || sudo systemctl start amazon-ssm-agent",
            "sudo snap install amazon-ssm-agent --classic",
            _DIAGNOSTICS,
        )
    if any(name in node.platform.casefold() for name in ("sles", "suse")):
        # User Guide, agent-install-sles.
        return (
            "sudo systemctl status amazon-ssm-agent",
            "sudo systemctl enable --now amazon-ssm-agent",
            "sudo zypper --non-interactive install --force amazon-ssm-agent\n"
            "sudo systemctl enable --now amazon-ssm-agent",
            _DIAGNOSTICS,
        )
    debian = "debian" in node.platform.casefold()
    package = "debian_amd64/amazon-ssm-agent.deb" if debian else "linux_amd64/amazon-ssm-agent.rpm"
    url = f"{_bucket(scope)}/latest/{package}"
    install = f"curl -fsSO {url} && sudo dpkg -i amazon-ssm-agent.deb" if debian else f"sudo dnf install -y {url}"
    return (
        "sudo systemctl status amazon-ssm-agent",
        "sudo systemctl enable --now amazon-ssm-agent",
        install,
        _DIAGNOSTICS,
    )


def _windows(scope: Scope) -> tuple[str, str, str, str]:
    install = (
        f"$Url = '{_bucket(scope)}/latest/windows_amd64/AmazonSSMAgentSetup.exe'\n"
        "Invoke-WebRequest $Url -OutFile $env:TEMP\\AmazonSSMAgentSetup.exe\n"
        "Start-Process -Wait $env:TEMP\\AmazonSSMAgentSetup.exe -ArgumentList '/S'\n"
        "Restart-Service AmazonSSMAgent"
    )
    ask = "& 'C:\\Program Files\\Amazon\\SSM\\ssm-cli.exe' get-diagnostics --output table"
    look = "Get-Service AmazonSSMAgent | Format-List Name, Status, StartType"
    # A failed update can leave the service disabled.
    start = "Set-Service AmazonSSMAgent -StartupType Automatic\nStart-Service AmazonSSMAgent"
    return look, start, install, ask


_DIAGNOSTICS = "sudo ssm-cli get-diagnostics --output table"


def _bucket(scope: Scope) -> str:
    """Return AWS's bucket of the Region for the agent (User Guide, manually installing SSM Agent)."""
    region = shell_word(scope.region, "REGION")
    return f"https://s3.{region}.{shell_word(scope.dns_suffix, 'amazonaws.com')}/amazon-ssm-{region}"


_ADD_WMIC = "steps-add-wmic"

_ADD_BY_RUN_COMMAND = translatable("Add WMIC with Run Command. The agent runs commands without WMIC.")
_ADD_ON_NODE = translatable("If the command does not reach the node, run this on the node as Administrator.")
_UPDATE_AFTERWARDS = translatable("Then update the agent: version 3.3.1345.0 and later do not need WMIC.")
_REGISTER_WITH_WMIC = translatable(
    "The update can remove the registration of a hybrid node that was registered with WMIC (error "
    "MachineFingerprintDoesNotMatch). Have an activation ready to register the node again."
)
# github.com/aws/amazon-ssm-agent/issues/597, a maintainer's answer.
_CAPABILITY = 'Add-WindowsCapability -Online -Name "WMIC"'


@manual_steps(_ADD_WMIC)
def add_wmic(scope: Scope, node: Node) -> Steps | FixNotApplicable:
    """Use Run Command if it reaches the node, else commands on the node."""
    region, node_id = shell_word(scope.region, "REGION"), shell_word(node.id, "NODE_ID")
    sent = f"aws ssm send-command --region {region} --instance-ids {node_id}"
    add = f"{sent} \\\n  --document-name AWS-RunPowerShellScript \\\n  --parameters 'commands=[{_CAPABILITY}]'"
    update = f"{sent} \\\n  --document-name AWS-UpdateSSMAgent"
    steps = (
        Step(say(_ADD_BY_RUN_COMMAND), add),
        Step(say(_ADD_ON_NODE), _CAPABILITY, Form.POWERSHELL),
        Step(say(_UPDATE_AFTERWARDS), update),
        newest_agent(scope, node),
        *((Step(say(_REGISTER_WITH_WMIC)),) if node.kind is NodeKind.HYBRID else ()),
    )
    return Steps(_ADD_WMIC, say("Add WMIC to {node} and update its agent", node=node.name), steps)


_REREGISTER = "steps-reregister"

_WHY = translatable("First find out why the node is offline. A registered node needs no new activation to reconnect.")
_ACTIVATE = translatable("Create an activation for the same role. The response has an ID and a code for one machine.")
_REGISTER_MACHINE = translatable("On the machine, register the agent with this ID and code.")
_FORGET = translatable("Remove the old registration.")
_BY_CONNECTOR = translatable(
    "If the node has the tag CloudConnector, a Cloud Connector of Systems Manager registered it. Run the association "
    "of the connector again instead of the next steps: it installs the agent and registers the machine."
)
_WHICH = translatable(
    "Decide which of the two IDs the machine keeps. An EC2 instance needs no activation: keep its i- ID."
)
_CLEAR = translatable("On the machine, remove the duplicate registration and restart the agent.")
_QUOTA = translatable("Check your quota, and request an increase before you reach it.")
_GONE = translatable(
    "List hybrid nodes that have not reported for a long time, and deregister those that no longer exist."
)


@manual_steps(_REREGISTER)
def reregister(
    scope: Scope,
    finding: Finding,
    node: Node | NoFact,
    fleet: ManagedFleet | NoFact,
    at_address: FleetAtAddress | NoFact,
) -> Steps | FixNotApplicable:
    """Return the steps by cause: an expired activation, a duplicate machine, or too many nodes."""
    region = shell_word(scope.region, "REGION")
    if finding.cause == "managed-node-quota":
        return Steps(_REREGISTER, say("Allow more managed nodes in {region}", region=scope.region), _room(region))
    if not isinstance(node, Node):
        return FixNotApplicable(_REREGISTER, say("the node was not found or could not be read"))
    too_many = _outside_ec2(node, at_address if isinstance(at_address, FleetAtAddress) else fleet)
    deregister = Step(say(_FORGET), f"aws ssm deregister-managed-instance --region {region} --instance-id {too_many}")
    if finding.cause == "duplicate-registration":
        clear = Step(say(_CLEAR), _cleared(node), _form(node))
        title = say("Remove the duplicate registration of {node}", node=node.name)
        return Steps(_REREGISTER, title, (Step(say(_WHICH)), clear, deregister))
    title = say("Register {node} again", node=node.name)
    activate = f"aws ssm create-activation --region {region} --iam-role {_role(node)} --registration-limit 1"
    register = Step(say(_REGISTER_MACHINE), _registered(scope, node, region), _form(node))
    connector = (Step(say(_BY_CONNECTOR), _of_connector(region)),) if node.source_type == AZURE_MACHINE else ()
    steps = (Step(say(_WHY)), *connector, Step(say(_ACTIVATE), activate), register, deregister)
    return Steps(_REREGISTER, title, steps)


def _of_connector(region: str) -> str:
    # User Guide, cloud-connector-enable-vm-onboarding.
    return (
        f"aws ssm list-associations --region {region} \\\n"
        "  --association-filter-list key=Name,value=AWS-InstallSSMAgentOnAzure\n"
        f"aws ssm start-associations-once --region {region} --association-ids ASSOCIATION_ID"
    )


def _room(region: str) -> tuple[Step, ...]:
    quota = f"aws service-quotas list-service-quotas --region {region} --service-code ssm --output table"
    lost = (
        f"aws ssm describe-instance-information --region {region} \\\n"
        "  --filters Key=ResourceType,Values=ManagedInstance Key=PingStatus,Values=ConnectionLost \\\n"
        "  --query 'InstanceInformationList[].[InstanceId,ComputerName,LastPingDateTime]' --output table"
    )
    forget = f"aws ssm deregister-managed-instance --region {region} --instance-id NODE_ID"
    return (Step(say(_QUOTA), quota), Step(say(_GONE), f"{lost}\n{forget}"))


def _outside_ec2(node: Node, fleet: ManagedFleet | NoFact) -> str:
    """Return the registration that can be removed: the node's own, or the registration of an instance's machine."""
    if node.kind is NodeKind.HYBRID:
        return shell_word(node.id, "NODE_ID")
    address = node.instance.private_ip if isinstance(node.instance, Instance) else None
    found = fleet.hybrid_at.get(address or "", ()) if isinstance(fleet, ManagedFleet) else ()
    return shell_word(found[0].id if len(found) == 1 else "", "mi-ID")


def _role(node: Node) -> str:
    role = node.registration.iam_role if isinstance(node.registration, Registration) else None
    return shell_word(role or "", "ROLE")


def _form(node: Node) -> Form:
    return Form.POWERSHELL if node.platform_family is PlatformFamily.WINDOWS else Form.SHELL


def _registered(scope: Scope, node: Node, region: str) -> str:
    # User Guide, hybrid-multicloud-ssm-agent-install-linux, -windows and -azure.
    if node.source_type == AZURE_MACHINE:
        return _registered_in_azure(scope, node, region)
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


def _registered_in_azure(scope: Scope, node: Node, region: str) -> str:
    codes = "-activation-code ACTIVATION_CODE -activation-id ACTIVATION_ID"
    register = f"-register {codes} -region {region} -provider Azure"
    place = f"{_bucket(scope)}/latest"
    if node.platform_family is PlatformFamily.WINDOWS:
        return (
            f"$Url = '{place}/windows_amd64/ssm-setup-cli.exe'\n"
            "Invoke-WebRequest $Url -OutFile $env:TEMP\\ssm-setup-cli.exe\n"
            f"& $env:TEMP\\ssm-setup-cli.exe {register}"
        )
    return f"curl -fsSO {place}/linux_amd64/ssm-setup-cli\nchmod +x ssm-setup-cli\nsudo ./ssm-setup-cli {register}"


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

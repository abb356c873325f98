"""`steps-install-agent`: SSM Agent is looked after on the machine itself, by its operating system."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.node import Node, NodeKind, PlatformFamily
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-install-agent"

_GET_IN = marked("Get into {node} another way: SSH, RDP, EC2 Instance Connect or the EC2 serial console.")
_GET_IN_HYBRID = marked("Log in to {node} itself: Systems Manager does not reach it.")
_LOOK = marked("See whether the agent is there, and runs.")
_START = marked("Where it is there, start it.")
_INSTALL = marked("Where it is missing, install it (User Guide, manually installing SSM Agent).")
_RENEW = marked("Install the newest agent over the one that is there (User Guide, manually installing SSM Agent).")
_ASK = marked("Have the agent itself say what it misses (from 3.1.501.0 on, as root or Administrator).")
_NO_WAY_IN = marked(
    "Where there is no way in: put the installation into the user data of the instance, stop it and start it again."
)


@by_hand(_SLUG)
def install_agent(scope: Scope, node: Node) -> Steps | NotApplicable:
    """The commands of the node's own operating system; on ARM processors the package is another."""
    windows = node.platform_family is PlatformFamily.WINDOWS
    look, start, install, ask = _windows(scope) if windows else _unix(scope, node)
    form = Form.POWERSHELL if windows else Form.SHELL
    steps = (
        get_in(node),
        Step(say(_LOOK), look, form),
        Step(say(_START), start, form),
        Step(say(_INSTALL), install, form),
        Step(say(_ASK), ask, form),
        *(() if node.kind is NodeKind.HYBRID else (Step(say(_NO_WAY_IN)),)),
    )
    return Steps(_SLUG, say("Look after SSM Agent on {node}", node=node.name), steps)


def get_in(node: Node) -> Step:
    """How a person comes to a node that Systems Manager does not reach."""
    return Step(say(_GET_IN_HYBRID if node.kind is NodeKind.HYBRID else _GET_IN, node=node.name))


def newest_agent(scope: Scope, node: Node) -> Step:
    """The commands that put the newest agent in an older one's place."""
    if node.platform_family is PlatformFamily.WINDOWS:
        return Step(say(_RENEW), _windows(scope)[2], Form.POWERSHELL)
    if "ubuntu" in node.platform.casefold():
        return Step(say(_RENEW), "sudo snap refresh amazon-ssm-agent")
    return Step(say(_RENEW), _unix(scope, node)[2])


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
    # An update that failed can have left it disabled.
    start = "Set-Service AmazonSSMAgent -StartupType Automatic\nStart-Service AmazonSSMAgent"
    return look, start, install, ask


_DIAGNOSTICS = "sudo ssm-cli get-diagnostics --output table"


def _bucket(scope: Scope) -> str:
    """AWS's bucket of the Region for the agent (User Guide, manually installing SSM Agent)."""
    region = word(scope.region, "REGION")
    return f"https://s3.{region}.{word(scope.dns_suffix, 'amazonaws.com')}/amazon-ssm-{region}"

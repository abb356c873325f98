"""Steps on the operating system of a node, and to install the plugin on this computer."""

from __future__ import annotations

from ssmtui.language import say, translatable
from ssmtui.model.fact import NoFact
from ssmtui.model.finding import Finding
from ssmtui.model.node import Instance, Node, PlatformFamily
from ssmtui.model.plan import FixNotApplicable, Form, Step, Steps, shell_word
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import CrowdedSessions
from ssmtui.model.ssm_agent import is_older_version
from ssmtui.model.workstation import Plugin, System, TemporaryFolder
from ssmtui.remediation.plans.plan_parts import RESTART_BY_HAND
from ssmtui.remediation.plans.registry import manual_steps

_DOMAIN_CONTROLLER = "steps-domain-controller"

# User Guide 2023, session-manager-getting-started-ssm-user-permissions; docs/facts/sessions.md §5.
_SINCE = "2.3.612.0"
_FIND_USER = "Get-ADUser -Filter \"Name -eq 'ssm-user'\""
_CREATE_USER_SCRIPT = """\
$text = [guid]::NewGuid().ToString() + 'aA1!'
$password = ConvertTo-SecureString $text -AsPlainText -Force
New-ADUser -Name ssm-user -AccountPassword $password -Enabled $true
Add-ADGroupMember -Identity 'Domain Admins' -Members ssm-user"""

_OLD_AGENT = translatable(
    "SSM Agent {version} is older than {since} and created ssm-user when it started, so the account can exist "
    "already. Check this first."
)
_UPDATE_AGENT = translatable("Update the agent, so that it resets the user's password at the start of each session.")
_CREATE_USER = translatable(
    "On the domain controller, over RDP or with Run Command (AWS-RunPowerShellScript does not need ssm-user), create "
    "the user and give it Domain Administrator permissions. The password is random: the agent sets a new password "
    "for each session."
)
_KEEP_DOMAIN_SERVICE = translatable(
    "Do not disable the domain service as the error text suggests: the machine needs it. Instead, start a new "
    "session and check that it opens."
)


@manual_steps(_DOMAIN_CONTROLLER)
def domain_controller(scope: Scope, node: Node) -> Steps | FixNotApplicable:
    """Return the steps; whether the agent can have created the user depends on its version."""
    version = node.agent_version or ""
    id_, region = shell_word(node.id, "INSTANCE_ID"), shell_word(scope.region, "REGION")
    update = (
        f"aws ssm send-command --region {region} --document-name AWS-UpdateSSMAgent \\\n"
        f"  --targets Key=InstanceIds,Values={id_}"
    )
    first = (
        (
            Step(say(_OLD_AGENT, version=version, since=_SINCE), _FIND_USER, Form.POWERSHELL),
            Step(say(_UPDATE_AGENT), update),
        )
        if is_older_version(version, _SINCE)
        else ()
    )
    title = say("Create ssm-user in the domain of {node}", node=node.name)
    return Steps(
        _DOMAIN_CONTROLLER,
        title,
        (*first, Step(say(_CREATE_USER), _CREATE_USER_SCRIPT, Form.POWERSHELL), Step(say(_KEEP_DOMAIN_SERVICE))),
    )


_END_SESSIONS = "steps-end-sessions"
_SHOWN = 20

_ASK_OWNER = translatable("Ask {owner} whether the sessions are still in use: this cannot be seen from outside.")
_LIST_SESSIONS = translatable("List the open sessions on the node.")
_END_UNUSED = translatable("End the unused sessions, the oldest first. The newest session can be in use.")
_END_BY_PROGRAM = translatable(
    "Change the program that opens the sessions so that it also ends them, even after an error."
)


@manual_steps(_END_SESSIONS)
def end_sessions(scope: Scope, crowded: CrowdedSessions, node: Node) -> Steps | FixNotApplicable:
    """End all sessions except for the newest, the oldest first."""
    region = shell_word(scope.region, "REGION")
    look = (
        f"aws ssm describe-sessions --region {region} --state Active \\\n"
        f"  --filters key=Target,value={shell_word(node.id, 'NODE_ID')} \\\n"
        "  --query 'Sessions[].[SessionId,Owner,StartDate]' --output table"
    )
    end = "\n".join(
        f"aws ssm terminate-session --region {region} --session-id {shell_word(each.id, 'SESSION_ID')}"
        for each in crowded.sessions[:-1][:_SHOWN]
    )
    return Steps(
        _END_SESSIONS,
        say("End the open sessions of {owner} on {node}", owner=crowded.owner_name, node=node.name),
        (
            Step(say(_ASK_OWNER, owner=crowded.owner_name)),
            Step(say(_LIST_SESSIONS), look),
            Step(say(_END_UNUSED), end),
            Step(say(_END_BY_PROGRAM)),
        ),
    )


_FREE_DISK = "steps-free-disk"

_LOOK_AT_DISK = translatable(
    "Find out what fills the disk, if you can still connect (SSH, RDP, the EC2 serial console)."
)
_FREE_SPACE = translatable(
    "Free disk space. Do not delete the folder of the agent, which contains the registration of the node "
    "(/var/lib/amazon/ssm, on Windows %PROGRAMDATA%\\Amazon\\SSM)."
)
_FIND_VOLUME = translatable(
    "If nothing can be deleted, or if you cannot connect, enlarge the volume. Find the volume first."
)
_GROW_VOLUME = translatable("Enlarge the volume. EBS volumes cannot be made smaller, and a larger volume costs more.")
_EXTEND_FILE_SYSTEM = translatable("Extend the file system. Many images do this automatically at the next boot.")
_REBOOT = translatable("Restart SSM Agent or reboot the node.")

_LINUX_LOOK = "df -h / && sudo du -xh / --max-depth=2 | sort -h | tail -20"
_LINUX_FREE = "sudo journalctl --vacuum-size=200M\nsudo dnf clean all 2>/dev/null || sudo apt-get clean"
_LINUX_EXTEND = "lsblk\nsudo growpart DEVICE 1\nsudo xfs_growfs -d / || sudo resize2fs PARTITION"
_WINDOWS_LOOK = "Get-PSDrive C | Select-Object Used, Free"
_WINDOWS_FREE = "Dism.exe /Online /Cleanup-Image /StartComponentCleanup"
_WINDOWS_EXTEND = (
    "$Size = (Get-PartitionSupportedSize -DriveLetter C).SizeMax\nResize-Partition -DriveLetter C -Size $Size"
)


@manual_steps(_FREE_DISK)
def free_disk(scope: Scope, node: Node) -> Steps | FixNotApplicable:
    """Return the steps: look, free space, grow the volume."""
    windows = node.platform_family is PlatformFamily.WINDOWS
    form = Form.POWERSHELL if windows else Form.SHELL
    steps = [
        Step(say(_LOOK_AT_DISK), _WINDOWS_LOOK if windows else _LINUX_LOOK, form),
        Step(say(_FREE_SPACE), _WINDOWS_FREE if windows else _LINUX_FREE, form),
    ]
    if isinstance(node.instance, Instance):
        region = shell_word(scope.region, "REGION")
        find = (
            f"aws ec2 describe-volumes --region {region} \\\n"
            f"  --filters Name=attachment.instance-id,Values={shell_word(node.id, 'INSTANCE_ID')} \\\n"
            "  --query 'Volumes[].[VolumeId,Size,Attachments[0].Device]' --output table"
        )
        grow = f"aws ec2 modify-volume --region {region} --volume-id VOLUME_ID --size GIBIBYTES"
        extend = _WINDOWS_EXTEND if windows else _LINUX_EXTEND
        steps += [
            Step(say(_FIND_VOLUME), find),
            Step(say(_GROW_VOLUME), grow),
            Step(say(_EXTEND_FILE_SYSTEM), extend, form),
        ]
    steps.append(Step(say(_REBOOT)))
    return Steps(_FREE_DISK, say("Free space on the root volume of {node}", node=node.name), tuple(steps))


_TRUST_CERTIFICATE = "steps-trust-certificate"

_LOOK_AT_CERTIFICATE = translatable("On the node, check who issued the certificate of the endpoint.")
_EXEMPT_NAMES = translatable(
    "If the issuer is not Amazon, exclude these names from TLS inspection in the proxy or firewall."
)
_TRUST_AUTHORITY = translatable("Or install the certificate of the issuing authority on the node (CA_FILE).")
_UPDATE_AUTHORITIES = translatable(
    "If the issuer is Amazon, the certificate store of the node is empty or outdated: update it."
)
_RESTART_SSM_AGENT = translatable("Restart SSM Agent, which reads the certificate store when it starts.")

_LOOKS = {
    PlatformFamily.WINDOWS: (
        "$Client = [Net.Sockets.TcpClient]::new('{host}', 443)\n"
        "$Shown = [Net.Security.SslStream]::new($Client.GetStream(), $false, {{ $true }})\n"
        "$Shown.AuthenticateAsClient('{host}')\n"
        "$Shown.RemoteCertificate.Issuer"
    ),
}
_TRUSTS = {
    PlatformFamily.WINDOWS: r"Import-Certificate -FilePath CA_FILE -CertStoreLocation Cert:\LocalMachine\Root",
    PlatformFamily.MACOS: (
        "sudo security add-trusted-cert -d -r trustRoot \\\n  -k /Library/Keychains/System.keychain CA_FILE"
    ),
}
_UPDATES = {
    PlatformFamily.WINDOWS: (
        "certutil.exe -generateSSTFromWU roots.sst\n"
        r"Import-Certificate -FilePath roots.sst -CertStoreLocation Cert:\LocalMachine\Root"
    ),
    PlatformFamily.MACOS: "",  # updated with the system
}
_LOOK_BY_OPENSSL = "openssl s_client -connect {host}:443 \\\n  </dev/null | openssl x509 -noout -issuer -dates"
_LINUX_TRUST = (
    "# Amazon Linux, Red Hat\n"
    "sudo cp CA_FILE /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust\n"
    "# Ubuntu, Debian\n"
    "sudo cp CA_FILE /usr/local/share/ca-certificates/ && sudo update-ca-certificates"
)
_LINUX_UPDATE = (
    "# Amazon Linux, Red Hat\n"
    "sudo yum install -y ca-certificates && sudo update-ca-trust\n"
    "# Ubuntu, Debian\n"
    "sudo apt-get install -y ca-certificates && sudo update-ca-certificates"
)


@manual_steps(_TRUST_CERTIFICATE)
def trust_certificate(scope: Scope, node: Node) -> Steps | FixNotApplicable:
    """Return the steps: look, exempt AWS from inspection, or trust the certificate."""
    domain = f"{shell_word(scope.region, 'REGION')}.{shell_word(scope.dns_suffix, 'amazonaws.com')}"
    names = "\n".join(f"{service}.{domain}" for service in ("ssm", "ssmmessages", "ec2messages"))
    family = node.platform_family or PlatformFamily.LINUX
    form = Form.POWERSHELL if family is PlatformFamily.WINDOWS else Form.SHELL
    update = _UPDATES.get(family, _LINUX_UPDATE)
    steps = (
        Step(say(_LOOK_AT_CERTIFICATE), _LOOKS.get(family, _LOOK_BY_OPENSSL).format(host=f"ssm.{domain}"), form),
        Step(say(_EXEMPT_NAMES), names, Form.TEXT),
        Step(say(_TRUST_AUTHORITY), _TRUSTS.get(family, _LINUX_TRUST), form),
        *((Step(say(_UPDATE_AUTHORITIES), update, form),) if update else ()),
        Step(say(_RESTART_SSM_AGENT), *RESTART_BY_HAND[family]),
    )
    return Steps(_TRUST_CERTIFICATE, say("Make {node} trust the certificate of the endpoint", node=node.name), steps)


_INSTALL_PLUGIN = "steps-install-plugin"
_VERSION = "session-manager-plugin --version"

# User Guide, session-manager-working-with-install-plugin.
_DOWNLOADS = "https://s3.amazonaws.com/session-manager-downloads/plugin/latest"
_RPM = f"sudo dnf install -y {_DOWNLOADS}/linux_64bit/session-manager-plugin.rpm"
_DEB = (
    f"curl {_DOWNLOADS}/ubuntu_64bit/session-manager-plugin.deb -o session-manager-plugin.deb\n"
    "sudo dpkg -i session-manager-plugin.deb"
)
_MACOS = (
    f"curl {_DOWNLOADS}/mac_arm64/session-manager-plugin.pkg -o session-manager-plugin.pkg\n"
    "sudo installer -pkg session-manager-plugin.pkg -target /\n"
    "sudo ln -sf /usr/local/sessionmanagerplugin/bin/session-manager-plugin /usr/local/bin/session-manager-plugin"
)
_WINDOWS = (
    f"Invoke-WebRequest {_DOWNLOADS}/windows/SessionManagerPluginSetup.exe -OutFile SessionManagerPluginSetup.exe\n"
    "Start-Process -Wait .\\SessionManagerPluginSetup.exe"
)
_PATH_WINDOWS = "$env:Path += ';C:\\Program Files\\Amazon\\SessionManagerPlugin\\bin'"
_PATH_UNIX = 'export PATH="$PATH:/usr/local/sessionmanagerplugin/bin"'

_ON_ARM = translatable("On Amazon Linux, RHEL and similar (on ARM: linux_arm64 instead of linux_64bit).")
_DEBIAN = translatable("On Debian and Ubuntu (on ARM: ubuntu_arm64 instead of ubuntu_64bit).")
_MAC = translatable("Install it (on Intel processors: mac instead of mac_arm64).")
_AS_ADMINISTRATOR = translatable("Install it as Administrator.")
_ADD_PATH = translatable(
    "The plugin is installed but not on PATH: add its folder to PATH. ssmtui itself uses the plugin that it found."
)
_SEE = translatable("Open a new terminal, check that the plugin is found, and start the session again.")


@manual_steps(_INSTALL_PLUGIN)
def install_plugin(
    finding: Finding,
    plugin: Plugin | NoFact,
    folder: TemporaryFolder | NoFact,
) -> Steps | FixNotApplicable:
    """The plugin or the temporary folder shows the system of this computer; otherwise, all systems are shown."""
    known = next((each.system for each in (plugin, folder) if isinstance(each, Plugin | TemporaryFolder)), None)
    see = Step(say(_SEE), _VERSION, Form.POWERSHELL if known is System.WINDOWS else Form.SHELL)
    if finding.cause == "plugin-not-on-path":
        return Steps(_INSTALL_PLUGIN, say("Add the Session Manager plugin to PATH"), (*_paths(known), see))
    return Steps(_INSTALL_PLUGIN, say("Install the latest Session Manager plugin"), (*installations(known), see))


def _paths(system: System | None) -> tuple[Step, ...]:
    windows = Step(say(_ADD_PATH), _PATH_WINDOWS, Form.POWERSHELL)
    unix = Step(say(_ADD_PATH), _PATH_UNIX)
    return (windows, unix) if system is None else (windows,) if system is System.WINDOWS else (unix,)


def installations(system: System | None) -> tuple[Step, ...]:
    """Return how to install the current plugin on a system, or on all systems if it is unknown."""
    by_system = {
        System.LINUX: (Step(say(_ON_ARM), _RPM), Step(say(_DEBIAN), _DEB)),
        System.MACOS: (Step(say(_MAC), _MACOS),),
        System.WINDOWS: (Step(say(_AS_ADMINISTRATOR), _WINDOWS, Form.POWERSHELL),),
    }
    return by_system[system] if system is not None else tuple(step for each in by_system.values() for step in each)

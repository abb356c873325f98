"""Steps to install the Session Manager plugin on this computer."""

from __future__ import annotations

from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Finding
from ssmtui.model.plan import FixNotApplicable, Form, Step, Steps
from ssmtui.model.workstation import Plugin, System, TemporaryFolder
from ssmtui.remediation.plans.steps.manual_steps import manual_steps

_SLUG = "steps-install-plugin"
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

_ON_ARM = translatable("On Amazon Linux, RHEL and their like (on ARM: linux_arm64 in the place of linux_64bit).")
_DEBIAN = translatable("On Debian and Ubuntu (on ARM: ubuntu_arm64 in the place of ubuntu_64bit).")
_MAC = translatable("Install it (with an Intel processor: mac in the place of mac_arm64).")
_AS_ADMINISTRATOR = translatable("Install it, as administrator.")
_ADD_PATH = translatable(
    "The plugin is there, and PATH does not lead to it: add its folder. ssmtui itself uses the one it found."
)
_SEE = translatable("Open a new terminal, see that it is found, and start the session again.")


@manual_steps(_SLUG)
def install_plugin(
    finding: Finding,
    plugin: Plugin | Absent | NotApplicable | Unreadable,
    folder: TemporaryFolder | Absent | NotApplicable | Unreadable,
) -> Steps | FixNotApplicable:
    """What this computer runs is told by its plugin, or by its temporary folder; where neither tells, all are shown."""
    known = next((each.system for each in (plugin, folder) if isinstance(each, Plugin | TemporaryFolder)), None)
    see = Step(say(_SEE), _VERSION, Form.POWERSHELL if known is System.WINDOWS else Form.SHELL)
    if finding.cause == "plugin-not-on-path":
        return Steps(_SLUG, say("Put the Session Manager plugin on PATH"), (*_paths(known), see))
    return Steps(_SLUG, say("Install the current Session Manager plugin"), (*installations(known), see))


def _paths(system: System | None) -> tuple[Step, ...]:
    windows = Step(say(_ADD_PATH), _PATH_WINDOWS, Form.POWERSHELL)
    unix = Step(say(_ADD_PATH), _PATH_UNIX)
    return (windows, unix) if system is None else (windows,) if system is System.WINDOWS else (unix,)


def installations(system: System | None) -> tuple[Step, ...]:
    """How the current plugin is installed on a system; on each of them, where it is not known."""
    by_system = {
        System.LINUX: (Step(say(_ON_ARM), _RPM), Step(say(_DEBIAN), _DEB)),
        System.MACOS: (Step(say(_MAC), _MACOS),),
        System.WINDOWS: (Step(say(_AS_ADMINISTRATOR), _WINDOWS, Form.POWERSHELL),),
    }
    return by_system[system] if system is not None else tuple(step for each in by_system.values() for step in each)

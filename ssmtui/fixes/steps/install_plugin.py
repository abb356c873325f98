"""`steps-install-plugin`: the Session Manager plugin is put on this computer, or found where it is."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Finding
from ssmtui.model.plan import NotApplicable
from ssmtui.model.steps import Form, Step, Steps
from ssmtui.model.workstation import Plugin, System, TemporaryFolder

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

_ON_ARM = marked("On Amazon Linux, RHEL and their like (on ARM: linux_arm64 in the place of linux_64bit).")
_DEBIAN = marked("On Debian and Ubuntu (on ARM: ubuntu_arm64 in the place of ubuntu_64bit).")
_MAC = marked("Install it (with an Intel processor: mac in the place of mac_arm64).")
_AS_ADMINISTRATOR = marked("Install it, as administrator.")
_ADD_PATH = marked(
    "The plugin is there, and PATH does not lead to it: add its folder. ssmtui itself uses the one it found."
)
_SEE = marked("Open a new terminal, see that it is found, and start the session again.")


@by_hand(_SLUG)
def install_plugin(
    finding: Finding,
    plugin: Plugin | Absent | Moot | Unreadable,
    folder: TemporaryFolder | Absent | Moot | Unreadable,
) -> Steps | NotApplicable:
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

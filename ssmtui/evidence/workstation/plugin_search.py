"""Where the Session Manager plugin is: the folders of PATH, and those that its installers use. Pure, for any system."""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ssmtui.model.workstation import System
from ssmtui.processes import absolute_folders

PROGRAM = "session-manager-plugin"

# Systems Manager User Guide, "Install the Session Manager plugin on Linux", "… on macOS", "… on Windows"; and where
# package managers put what they link.
_FOLDERS = {
    System.LINUX: ("/usr/local/sessionmanagerplugin/bin", "/usr/local/bin", "/usr/bin"),
    System.MACOS: ("/usr/local/sessionmanagerplugin/bin", "/usr/local/bin", "/opt/homebrew/bin"),
}
_PROGRAM_FILES = (r"C:\Program Files", r"C:\Program Files (x86)")
_WINDOWS_FOLDER = r"Amazon\SessionManagerPlugin\bin"


@dataclass(frozen=True, slots=True)
class PluginPlace:
    """A file that is the plugin, and whether PATH leads to it."""

    path: str
    on_path: bool


def find_plugin(
    system: System, environment: Mapping[str, str], is_program: Callable[[str], bool]
) -> PluginPlace | None:
    """The plugin that PATH leads to, else the one in a folder of installers; None where there is neither.

    Relative entries of PATH are passed over: what stands in the folder one happens to be in is not run.
    """
    for on_path, folders in ((True, _on_path(system, environment)), (False, installers_folders(system, environment))):
        for folder in folders:
            file = _joined(system, folder)
            if is_program(file):
                return PluginPlace(file, on_path)
    return None


def installers_folders(system: System, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The folders that installers put the plugin into."""
    if system is not System.WINDOWS:
        return _FOLDERS[system]
    named = (environment.get("PROGRAMFILES"), environment.get("PROGRAMFILES(X86)"))
    roots = dict.fromkeys(each for each in (*named, *_PROGRAM_FILES) if each)
    return tuple(ntpath.join(root, _WINDOWS_FOLDER) for root in roots)


def _on_path(system: System, environment: Mapping[str, str]) -> Iterator[str]:
    return absolute_folders(environment.get("PATH", ""), windows=system is System.WINDOWS)


def _joined(system: System, folder: str) -> str:
    if system is System.WINDOWS:
        return ntpath.join(folder, f"{PROGRAM}.exe")
    return posixpath.join(folder, PROGRAM)

"""Where the plugin is found: every system as data, on whichever system this runs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.workstation.local import PluginPlace, find_plugin, installers_folders
from ssmtui.model.workstation import System

LINUX_FOLDER = "/usr/local/sessionmanagerplugin/bin"
WINDOWS_FOLDER = r"C:\Program Files\Amazon\SessionManagerPlugin\bin"
PROGRAM = "session-manager-plugin"


@pytest.mark.parametrize(
    ("system", "environment", "there", "expected"),
    [
        pytest.param(
            System.LINUX,
            {"PATH": "/usr/bin:/usr/local/bin"},
            "/usr/local/bin/session-manager-plugin",
            PluginPlace("/usr/local/bin/session-manager-plugin", on_path=True),
            id="Linux, on PATH",
        ),
        pytest.param(
            System.LINUX,
            {"PATH": "/usr/bin:/bin"},
            f"{LINUX_FOLDER}/{PROGRAM}",
            PluginPlace(f"{LINUX_FOLDER}/{PROGRAM}", on_path=False),
            id="Linux, for root, whose PATH lacks it",
        ),
        pytest.param(
            System.MACOS,
            {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
            f"/opt/homebrew/bin/{PROGRAM}",
            PluginPlace(f"/opt/homebrew/bin/{PROGRAM}", on_path=False),
            id="macOS, in a program started from the desktop",
        ),
        pytest.param(
            System.WINDOWS,
            {"PATH": rf"C:\Windows\system32;{WINDOWS_FOLDER}\;C:\tools"},
            rf"{WINDOWS_FOLDER}\{PROGRAM}.exe",
            PluginPlace(rf"{WINDOWS_FOLDER}\{PROGRAM}.exe", on_path=True),
            id="Windows, on PATH",
        ),
        pytest.param(
            System.WINDOWS,
            {"PATH": rf'C:\Windows;"{WINDOWS_FOLDER}"'},
            rf"{WINDOWS_FOLDER}\{PROGRAM}.exe",
            PluginPlace(rf"{WINDOWS_FOLDER}\{PROGRAM}.exe", on_path=True),
            id="Windows, an entry in quotation marks",
        ),
        pytest.param(
            System.WINDOWS,
            {"PATH": r"C:\Windows\system32"},
            rf"{WINDOWS_FOLDER}\{PROGRAM}.exe",
            PluginPlace(rf"{WINDOWS_FOLDER}\{PROGRAM}.exe", on_path=False),
            id="Windows, a terminal older than the installation",
        ),
        pytest.param(
            System.WINDOWS,
            {"PATH": r"C:\Windows", "PROGRAMFILES": r"D:\Programme"},
            rf"D:\Programme\Amazon\SessionManagerPlugin\bin\{PROGRAM}.exe",
            PluginPlace(rf"D:\Programme\Amazon\SessionManagerPlugin\bin\{PROGRAM}.exe", on_path=False),
            id="Windows, programs on another drive",
        ),
        pytest.param(System.LINUX, {"PATH": "/usr/bin"}, "/home/alex/session-manager-plugin", None, id="nowhere"),
        pytest.param(System.LINUX, {}, "/opt/session-manager-plugin", None, id="no PATH at all"),
        pytest.param(
            System.LINUX, {"PATH": "bin:.:"}, "bin/session-manager-plugin", None, id="a relative entry is passed over"
        ),
        pytest.param(System.WINDOWS, {"PATH": r".;bin"}, rf"bin\{PROGRAM}.exe", None, id="a relative entry on Windows"),
    ],
)
def test_the_plugin_is_found_where_it_is(
    system: System, environment: Mapping[str, str], there: str, expected: PluginPlace | None
) -> None:
    assert find_plugin(system, environment, lambda path: path == there) == expected


def test_the_one_that_path_leads_to_first_is_the_one_that_the_aws_cli_starts() -> None:
    found = find_plugin(System.LINUX, {"PATH": "/a:/b"}, lambda path: path.startswith(("/b", "/a", "/usr")))
    assert found == PluginPlace("/a/session-manager-plugin", on_path=True)


@given(st.sampled_from(System), st.lists(st.sampled_from(["/a", "/b", r"C:\a", "a", "", "."])))
def test_with_the_installers_folder_on_path_it_is_never_off_it(system: System, others: list[str]) -> None:
    folder = installers_folders(system, {})[0]
    separator = ";" if system is System.WINDOWS else ":"
    environment = {"PATH": separator.join([*others, folder])}
    found = find_plugin(system, environment, lambda path: path.startswith(folder))
    assert found is not None
    assert found.on_path

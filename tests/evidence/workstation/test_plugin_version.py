"""The plugin is run to ask for its version: without a shell, not for long, and what it prints is not believed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ssmtui.evidence.workstation.local import plugin_version
from ssmtui.model.fact import Absent, ReadFailure, Unreadable
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.workstation import SECRET_VARIABLES


def program(folder: Path, body: str) -> str:
    file = folder / "session manager; plugin"
    file.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
    file.chmod(0o755)
    return str(file)


async def test_it_says_its_version_in_a_folder_whose_name_a_shell_would_take_apart(tmp_path: Path) -> None:
    assert await plugin_version(program(tmp_path, "print('1.2.764.0') if sys.argv[1:] == ['--version'] else 0")) == (
        "1.2.764.0"
    )


async def test_it_is_asked_without_any_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRET_VARIABLES:
        monkeypatch.setenv(name, "canary")
    body = "import os\nprint('1.2.764.0' if 'canary' not in os.environ.values() else 'told')"
    assert await plugin_version(program(tmp_path, body)) == "1.2.764.0"


@pytest.mark.parametrize("printed", ["", "latest", "1", "1.2\x1b[2J", "1.2.3.4.5", "1.2.764.0\nand more", "9" * 5000])
async def test_what_is_no_version_is_not_told_as_one(printed: str, tmp_path: Path) -> None:
    told = await plugin_version(program(tmp_path, f"sys.stdout.write({printed!r})"))
    assert told == Unreadable(
        "", "session-manager-plugin --version did not print a version", ReadFailure.FAILED, WORKSTATION
    )


async def test_one_that_does_not_answer_is_ended(tmp_path: Path) -> None:
    told = await plugin_version(program(tmp_path, "time.sleep(600)"), patience=0.05)
    assert told == Unreadable(
        "", "session-manager-plugin --version did not respond within 0.05 s", ReadFailure.FAILED, WORKSTATION
    )


async def test_one_of_another_processor_is_none(tmp_path: Path) -> None:
    (tmp_path / "plugin").write_bytes(b"\x7fELF of another processor")
    (tmp_path / "plugin").chmod(0o755)
    told = await plugin_version(str(tmp_path / "plugin"))
    assert told == Absent("cannot run session-manager-plugin --version: Exec format error", WORKSTATION)

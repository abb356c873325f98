"""Whether there is a plugin to open sessions with, said before one is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.session.plugin import invocation as preflights
from ssmtui.session.plugin.invocation import Preflight, preflight


@pytest.fixture(autouse=True)
def nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that this computer may have is none of the tests' business."""
    monkeypatch.setattr(preflights, "sys", type("Linux", (), {"platform": "linux"}))
    monkeypatch.setattr("ssmtui.evidence.workstation.local.installers_folders", lambda *_: ())


def found(folder: Path, version: str) -> Preflight:
    plugin = folder / "session-manager-plugin"
    plugin.write_text(f"#!/bin/sh\necho {version}\n")
    plugin.chmod(0o755)
    return preflight({"PATH": str(folder)})


@pytest.mark.parametrize("version", ["1.2.764.0", "1.2.896.0", "1.2.0.0"])
def test_a_good_one_is_found_with_nothing_to_say(version: str, tmp_path: Path) -> None:
    assert found(tmp_path, version) == Preflight(str(tmp_path / "session-manager-plugin"), version)


def test_a_missing_one_is_said_with_what_installs_it_here(tmp_path: Path) -> None:
    told = preflight({"PATH": str(tmp_path)})
    assert (told.path, told.why) == ("", "session-manager-plugin is not installed on this computer")
    assert "sudo dnf install" in told.steps[0].copy
    assert "sudo dpkg -i" in told.steps[1].copy


def test_one_of_another_processor_is_not_used_and_what_installs_another_is_said(tmp_path: Path) -> None:
    plugin = tmp_path / "session-manager-plugin"
    plugin.write_bytes(b"\x7fELF of another processor")
    plugin.chmod(0o755)
    told = preflight({"PATH": str(tmp_path)})
    assert told.path == ""
    assert told.why == (
        "session-manager-plugin was built for another processor or is damaged: "
        "cannot run session-manager-plugin --version: Exec format error"
    )
    assert told.steps


def test_an_old_one_is_used_and_said(tmp_path: Path) -> None:
    told = found(tmp_path, "1.2.707.0")
    assert told.path
    assert told.warning == (
        "session-manager-plugin 1.2.707.0 is older than 1.2.764.0, the oldest version that AWS supports"
    )
    assert told.steps


def test_a_withdrawn_one_is_used_and_said(tmp_path: Path) -> None:
    told = found(tmp_path, "1.2.889.0")
    assert told.path
    assert told.warning == "AWS withdrew session-manager-plugin 1.2.889.0: 1.2.896.0 reverted its changes"


def test_one_that_would_have_the_token_as_an_argument_is_not_used(tmp_path: Path) -> None:
    told = found(tmp_path, "1.2.497.0")
    assert told.path == ""
    assert told.why.startswith(
        "session-manager-plugin 1.2.497.0 is too old: it receives the session token as an argument"
    )
    assert told.steps


def test_one_that_does_not_say_its_version_is_used(tmp_path: Path) -> None:
    assert found(tmp_path, "latest") == Preflight(str(tmp_path / "session-manager-plugin"))


async def test_it_can_be_asked_for_while_a_loop_runs(tmp_path: Path) -> None:
    assert found(tmp_path, "1.2.896.0").version == "1.2.896.0"

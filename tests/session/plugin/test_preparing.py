"""The plugin made ready for an open session: by the credentials that the session was opened with."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.session.opener import OpenSession
from ssmtui.session.plugin.invocation import PluginMissing, prepare
from tests.session.plugin.holder import OPENED, SECRET, Calls
from tests.session.plugin.test_invocation import REQUEST


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    plugin = tmp_path / "session-manager-plugin"
    plugin.write_text("#!/bin/sh\necho 1.2.896.0\n")
    plugin.chmod(0o755)
    files = {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    return {"PATH": str(tmp_path), **files}


def test_a_profile_is_named_and_nothing_lent(environment: dict[str, str], tmp_path: Path) -> None:
    run = prepare(OpenSession(REQUEST, OPENED, Calls(tmp_path)), None, environment)
    assert (run.arguments[4], run.arguments[6]) == ("prod", OPENED.endpoint)
    assert SECRET not in run.environment.values()


def test_just_in_time_access_is_lent_since_no_profile_stands_for_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    run = prepare(OpenSession(REQUEST, OPENED, Calls(tmp_path), by_access=True), None, environment)
    assert run.arguments[4] == ""
    assert run.environment["AWS_SECRET_ACCESS_KEY"] == SECRET


def test_without_a_plugin_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ssmtui.evidence.workstation.local.installers_folders", lambda *_: ())
    session = OpenSession(REQUEST, OPENED, Calls(tmp_path))
    with pytest.raises(PluginMissing, match="session-manager-plugin is not installed on this computer"):
        prepare(session, None, {"PATH": str(tmp_path)})

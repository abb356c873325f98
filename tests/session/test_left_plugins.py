"""A plugin that a killed run left is ended; a process that only has its number is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.model.sessions import SessionPurpose
from ssmtui.session.session_registry import SessionRegistry, StartedPlugin, end_plugins
from tests.session.opened import REQUEST
from tests.session.test_ledger import kill, opens_one

if sys.platform == "win32":
    pytest.skip("there it cannot be told when a process began", allow_module_level=True)

PLUGIN = "AWS_SSM_START_SESSION_RESPONSE"


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that lives until it is ended."""
    waits = [sys.executable, "-c", "print(flush=True); import sys; sys.stdin.read()", *words]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def plugin_of(process: subprocess.Popen[bytes]) -> StartedPlugin:
    plugin = StartedPlugin.of(process.pid)
    assert plugin is not None
    return plugin


def test_the_very_plugin_is_ended_and_no_process_that_has_its_number_now() -> None:
    with running(PLUGIN) as theirs, running(PLUGIN) as older, running("other") as other:
        plugin = plugin_of(theirs)
        reused = replace(plugin_of(older), began=plugin.began + "0")
        assert [each.is_surely_running for each in (plugin, reused, plugin_of(other))] == [True, False, False]
        end_plugins([reused, plugin_of(other), plugin])
        theirs.wait(30)
        assert (older.poll(), other.poll()) == (None, None)
        assert not plugin.is_surely_running


def test_a_process_of_another_user_is_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(PLUGIN) as process:
        plugin = plugin_of(process)
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert not plugin.is_surely_running


def test_no_other_number_is_a_plugins() -> None:
    began = StartedPlugin.of(os.getpid())
    assert began is not None
    for pid in (0, 1, -1, 2**31, os.getpid()):
        assert not StartedPlugin(pid, began.began).is_surely_running


def test_a_plugin_is_left_once_its_run_was_killed_and_its_session_was_not_ended(tmp_path: Path) -> None:
    with running(PLUGIN) as process:
        plugin = plugin_of(process)
        other = opens_one(tmp_path)
        try:
            SessionRegistry(tmp_path).carried_by("alex-theirs", plugin)
            assert SessionRegistry(tmp_path).left_plugins() == (), "its run lives"
        finally:
            kill(other)
        ((session, left),) = SessionRegistry(tmp_path).left_plugins()
        assert (session.id, left) == ("alex-theirs", plugin)
        SessionRegistry(tmp_path).ended("alex-theirs")
        assert SessionRegistry(tmp_path).left_plugins() == ()


def test_a_run_that_ends_in_order_leaves_nothing_to_look_for(tmp_path: Path) -> None:
    registry = SessionRegistry(tmp_path)
    registry.opened("alex-1", REQUEST, SessionPurpose.TUNNEL, None)
    registry.close()
    registry.file.unlink()
    registry.file.mkdir()  # it would be told of if it were read
    assert registry.left_plugins() == ()

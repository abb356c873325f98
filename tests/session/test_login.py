"""The AWS CLI on the terminal: what it is given, what its keys do, and how the terminal is afterwards."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from ssmtui.session.external_programs import program_on_path, run_login, with_other_device
from ssmtui.session.terminal import attributes_of
from tests.session.emulator import Emulator
from tests.sso_portal import cache_of, profile_of_portal, stand_in_aws

WORDS = ("aws", "sso", "login", "--profile", "prod")
RUN = (
    "import os, sys\nfrom ssmtui.session.external_programs import run_login\n"
    f"print('code', run_login({WORDS!r}, os.environ), flush=True)\nsys.stdin.readline()\n"
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def on_terminal(folder: Path) -> Emulator:
    return Emulator([sys.executable, "-c", RUN], {**os.environ, "PATH": str(folder)})


def test_the_login_is_the_persons_and_gets_no_keys(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    monkeypatch.setenv("AWS_PROFILE", "prod")
    profile_of_portal(path, "123456789012", "first")
    noted = stand_in_aws(path, path, "second")
    assert run_login(WORDS, os.environ) == 0
    words, variables = json.loads(noted.read_text())
    assert words == list(WORDS[1:])
    assert "AWS_PROFILE" in variables
    assert "AWS_SECRET_ACCESS_KEY" not in variables
    assert json.loads(cache_of(path).read_text())["accessToken"] == "second"


def test_by_another_device_each_login_has_its_own_words() -> None:
    assert with_other_device(WORDS)[-2:] == ("--use-device-code", "--no-browser")
    assert with_other_device(("aws", "login", "--profile", "prod")) == ("aws", "login", "--profile", "prod", "--remote")


def test_without_an_aws_cli_nothing_is_run(path: Path) -> None:
    assert program_on_path(WORDS, os.environ) is None
    with pytest.raises(FileNotFoundError):
        run_login(WORDS, os.environ)


def test_it_has_the_keys_of_the_terminal(path: Path) -> None:
    profile_of_portal(path, "123456789012", "first")
    stand_in_aws(path, path, "second", asks=True)
    terminal = on_terminal(path)
    terminal.wait_for(b"ABCD-EFGH")
    terminal.type(b"\r")
    terminal.wait_for(b"Successfully logged into")
    terminal.wait_for(b"code 0")
    terminal.type(b"\r")
    assert terminal.end() == 0


def test_ctrl_c_gives_the_login_up_and_nothing_else(path: Path) -> None:
    profile_of_portal(path, "123456789012", "first")
    stand_in_aws(path, path, "second", asks=True)
    terminal = on_terminal(path)
    terminal.wait_for(b"ABCD-EFGH")
    terminal.type(b"\x03")
    terminal.wait_for(b"code ")
    terminal.type(b"\r")
    assert terminal.end() == 0
    assert json.loads(cache_of(path).read_text())["accessToken"] == "first"


def test_a_terminal_that_it_leaves_raw_is_as_it_was(path: Path) -> None:
    program = path / "aws"
    program.write_text(f"#!{sys.executable}\nimport tty\ntty.setraw(0)\n")
    program.chmod(0o755)
    terminal = on_terminal(path)
    terminal.wait_for(b"code 0")
    assert attributes_of(terminal.its) == terminal.before
    terminal.type(b"\r")
    assert terminal.end() == 0


def test_who_ends_ssmtui_ends_the_login_with_it(path: Path) -> None:
    profile_of_portal(path, "123456789012", "first")
    stand_in_aws(path, path, "second", asks=True)
    terminal = on_terminal(path)
    terminal.wait_for(b"ABCD-EFGH")
    terminal.send(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM

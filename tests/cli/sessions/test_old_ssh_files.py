from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ssmtui.cli.info import old_ssh_files
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui

REST = "connect i-0123456789abcdef0 --region eu-west-3 --document-name AWS-StartSSHSession --parameter portNumber=%p"


def written(home: Path, program: str, name: str = "config") -> Path:
    file = home / ".ssh" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"Host web-1\n    ProxyCommand {program} {REST}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("ssmtui", 1),
        ('"ssmtui"', 1),
        ("python3 -m ssmtui", 1),
        ("/usr/bin/python3 -m ssmtui", 1),
        ("'/a folder/python3' -m ssmtui", 1),
        ("/usr/bin/python3 -P -m ssmtui", 0),
        ("/usr/bin/python3 -I -m ssmtui", 0),
        ("/usr/bin/python3 -sP -m ssmtui", 0),
        ("/usr/local/bin/ssmtui", 0),
        (r"C:\Tools\ssmtui.exe", 0),
        ("/usr/bin/nc", 0),
    ],
)
def test_a_line_that_depends_on_the_directory_is_old(program: str, found: int, tmp_path: Path) -> None:
    file = written(tmp_path, program)
    assert old_ssh_files(tmp_path) == [file] * found


def test_files_that_are_included_are_read_once_and_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    files = [written(tmp_path, "ssmtui", name) for name in ("a.conf", "b.conf", "two words", "ssmtui.conf")]
    os.mkfifo(tmp_path / ".ssh" / "pipe")
    (tmp_path / ".ssh" / "config").write_text(
        f'Include ~/.ssh/a.conf *.conf "two words" pipe config\nMatch all\n  Include {tmp_path}/.ssh/b.conf none\n'
    )
    assert sorted(old_ssh_files(tmp_path)) == sorted(files)


def test_nobody_without_such_files_is_told_anything(tmp_path: Path) -> None:
    assert old_ssh_files(tmp_path) == []


def test_ssh_config_and_info_name_the_file(aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path) -> None:
    aws.load("healthy-small")
    file = written(tmp_path, "/usr/bin/python3 -m ssmtui")
    told = ssmtui("ssh-config", "web-1")
    assert told.returncode == 0
    assert told.stderr.startswith(f"ssmtui: {file}: an earlier version of ssmtui wrote these ProxyCommand lines.")
    assert f"ssh            {file}: an earlier version" in ssmtui("info").stdout
    assert json.loads(ssmtui("info", "--format", "json").stdout)["old_ssh_files"] == [str(file)]
    file.write_text(told.stdout)
    assert (ssmtui("ssh-config", "web-1").stderr, "earlier" in ssmtui("info").stdout) == ("", False)

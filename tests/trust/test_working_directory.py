"""No code of the working directory runs: neither its modules nor its programs, whatever PATH and PYTHONPATH say."""

from __future__ import annotations

import ast
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ssmtui
from ssmtui.cli.completion import script_for
from ssmtui.processes import find_program, own_command, run
from ssmtui.session.external_programs import open_in_browser, run_login
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

PACKAGE = Path(ssmtui.__file__).parent
MODULES = ("json", "logging/__init__", "ssmtui/__init__", "textual", "sitecustomize", "usercustomize", "moto", "click")
PROGRAMS = (
    *("session-manager-plugin", "aws", "ssmtui", "python", "python3", "ssh", "xdg-open", "xdg-settings", "www-browser"),
    *("firefox", "uname", "ldconfig", "gcc", "cc", "objdump", "lsb_release", "stty", "tput", "less", "vi", "env", "sh"),
)
PATHS = (":{path}", ".:{path}", "{path}::", ".:bin:{path}")

STARTS = frozenset(
    {
        *("subprocess.Popen", "subprocess.run", "subprocess.call", "subprocess.check_call"),
        *("subprocess.check_output", "subprocess.getoutput", "subprocess.getstatusoutput", "shutil.which"),
        *("asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "pty.spawn", "pty.fork"),
        *("os.system", "os.popen", "os.fork", "os.forkpty", "os.startfile", "webbrowser.open", "webbrowser.get"),
        *("os.posix_spawn", "os.posix_spawnp"),
        *(f"os.{kind}{how}" for kind in ("exec", "spawn") for how in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")),
    }
)
"""What starts a program, or looks for one."""
STARTING_MODULES = frozenset({"multiprocessing", "concurrent.futures.process", "pty", "webbrowser"})
_MAY_START = re.compile(rf"\b(?:{'|'.join({*STARTING_MODULES, *(each.partition('.')[0] for each in STARTS)})})\b")
"""The name of a module with which a program can be started."""


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in which everything that is run leaves a trace."""
    folder = tmp_path / "hostile"
    for name in MODULES:
        module = folder / f"{name}.py"
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(f"open({str(tmp_path / 'traces')!r}, 'a').write({name!r} + '\\n')\nraise SystemExit(66)\n")
    for where in (folder, folder / "bin"):
        where.mkdir(exist_ok=True)
        for name in PROGRAMS:
            if (where / name).is_dir():
                continue  # the package of that name stands there
            (where / name).write_text(f"#!/bin/sh\necho {name} >> {shlex.quote(str(tmp_path / 'traces'))}\nexit 66\n")
            (where / name).chmod(0o755)
    monkeypatch.chdir(folder)
    return folder


def traces(hostile: Path) -> str:
    """What of it was run."""
    file = hostile.parent / "traces"
    return file.read_text() if file.exists() else ""


def variables(hostile: Path, path: str, **more: str) -> dict[str, str]:
    """The environment of somebody who stands in it, and whose PATH leads there too."""
    named = path.format(path=os.environ["PATH"])
    return {"PATH": named, "HOME": str(hostile.parent), "LANG": "C.UTF-8", "TERM": "xterm-256color", **more}


# The program itself is started as its installed script is: what Python finds first is not the working directory.
SSMTUI = (sys.executable, "-P", "-m", "ssmtui")


@pytest.mark.long
def test_the_demonstration_runs_none_of_it(hostile: Path) -> None:
    environment = variables(hostile, ".:bin:{path}")
    told = subprocess.run([*SSMTUI, "demo", "--scenario", "healthy-small"], env=environment, check=False)
    assert (told.returncode, traces(hostile)) == (0, "")


@pytest.mark.parametrize(
    "line", [("check",), ("info",), ("connect", "web-1"), ("tunnel", "web-1", "80"), ("probe", "web-1")]
)
def test_commands_run_none_of_it(hostile: Path, aws: SimulatedAws, line: tuple[str, ...]) -> None:
    aws.load("healthy-small")
    told: list[bytes] = []
    with subprocess.Popen(
        [*SSMTUI, *line],
        env=variables(hostile, ".::{path}", SSMTUI_CLIENT="plugin", **aws.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:
        assert running.stdout is not None
        for said in running.stdout:
            told.append(said)
            if b"Ctrl-C" in said:  # a tunnel is open until then, if the plugin is installed
                running.send_signal(signal.SIGINT)
    assert traces(hostile) == "", told


@pytest.mark.parametrize("path", PATHS)
def test_programs_of_the_person_are_not_taken_from_it(
    hostile: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = variables(hostile, path.format(path="/nowhere"))
    monkeypatch.setenv("PATH", given["PATH"])
    assert [find_program(name, given) for name in PROGRAMS] == [None] * len(PROGRAMS)
    with pytest.raises(FileNotFoundError):
        run_login(("aws", "sso", "login"), given)
    assert not open_in_browser("https://docs.aws.amazon.com/", given)
    assert traces(hostile) == ""


def test_a_variable_that_leads_there_is_not_handed_on(hostile: Path) -> None:
    given = {**variables(hostile, ".:{path}:"), "PYTHONPATH": f":{PACKAGE.parent}:."}
    tell = (
        "import os, sys; print(os.environ['PATH'], os.environ['PYTHONPATH'], '' in sys.path or os.getcwd() in sys.path)"
    )
    told = run((sys.executable, "-P", "-c", tell), given, stdout=subprocess.PIPE)
    assert told.stdout.decode().split() == [os.environ["PATH"], str(PACKAGE.parent), "False"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_completion_script_starts_nothing_by_its_name(shell: str) -> None:
    started = [line for line in script_for(shell).splitlines() if re.search(r"response( =|=| \()", line)]
    words = " ".join(started).replace("'", "").replace('"', "")
    assert words
    assert " ".join(own_command(os.environ)) in words
    assert "(env " not in words


def test_tab_runs_no_program_of_it(hostile: Path) -> None:
    given = variables(hostile, ".:bin:{path}")
    typed = (
        'COMP_WORDS=(bin/ssmtui causes kms-node-); COMP_CWORD=2; _ssmtui_completion bin/ssmtui; echo "${COMPREPLY[@]}"'
    )
    script = hostile.parent / "completion"
    script.write_text(script_for("bash"))
    asked = ["/bin/bash", "--norc", "-c", f". {shlex.quote(str(script))}; {typed}"]
    told = subprocess.run(asked, check=False, env=given, capture_output=True, text=True)
    assert (told.stdout, traces(hostile)) == ("kms-node-denied\n", "")


def starts_in(tree: ast.AST) -> Iterator[str]:
    """What a module starts a program with, and from where it imports that."""
    types = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Subscript)
    }  # Popen[bytes] starts nothing
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if f"{node.value.id}.{node.attr}" in STARTS and id(node) not in types:
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names if f"{node.module}.{each.name}" in STARTS)
            if node.module in STARTING_MODULES:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in STARTING_MODULES)


def test_every_program_is_started_in_one_place() -> None:
    found = {
        str(file.relative_to(PACKAGE)): set(starts_in(ast.parse(text)))
        for file in PACKAGE.rglob("*.py")
        # Parsing the whole package takes some seconds, and most modules have none of the words.
        if _MAY_START.search(text := file.read_text(encoding="utf-8"))
    }
    assert {file: starts for file, starts in found.items() if starts} == {
        "processes.py": {"subprocess.Popen", "subprocess.run", "asyncio.create_subprocess_exec"}
    }


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nsubprocess.run(['aws'])",
        "from subprocess import Popen",
        "from os import execvp",
        "import pty",
        "async def f():\n    await asyncio.create_subprocess_shell('aws')",
        "import shutil\nshutil.which('aws')",
    ],
)
def test_a_start_elsewhere_is_seen(code: str) -> None:
    assert list(starts_in(ast.parse(code)))


def test_no_word_of_the_package_starts_a_python_that_imports_from_it() -> None:
    """What is written into files, printed or documented names `-P` before `-m ssmtui`."""
    texts = (*PACKAGE.rglob("*.py"), *PACKAGE.parent.glob("*.md"), *PACKAGE.parent.glob("docs/**/*.md"))
    for file in texts:
        if file.name == "info.py":
            continue  # which looks for such lines
        text = file.read_text(encoding="utf-8")
        assert text.count("-m ssmtui") == text.count("-P -m ssmtui"), file
        assert '"-m"' not in text or file.name == "processes.py" or "processes.python(" in text, file

"""The scripts, run by the shells themselves, and installed where each finds them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ssmtui.cli import completion
from ssmtui.cli.commands import commands
from ssmtui.cli.completion import install_script, script_for, shell_in_use
from ssmtui.cli.errors import UsageError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, with `ssmtui` on PATH and no loader of bash's completions."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ssmtui").write_text(f'#!/bin/sh\nexec {sys.executable} -m ssmtui "$@"\n')
    (programs / "ssmtui").chmod(0o755)
    person = tmp_path / "a person's home"
    person.mkdir()
    monkeypatch.setenv("HOME", str(person))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR", "BASH_COMPLETION_USER_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(completion, "_LOADERS_OF_BASH", ())
    return person


def run(shell: str, *arguments: str) -> str:
    return subprocess.run([shell, *arguments], capture_output=True, text=True, check=True, timeout=60).stdout


def having(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@having("bash")
def test_bash_completes_once_it_is_installed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install_script("bash")
    script = home / ".local/share/bash-completion/completions/ssmtui"
    assert capsys.readouterr().out.splitlines()[0] == f"Written: {script}"
    asked = 'COMP_WORDS=(ssmtui causes kms-node-); COMP_CWORD=2; _ssmtui_completion ssmtui; echo "${COMPREPLY[@]}"'
    assert run("bash", "--norc", "-c", f". ~/.bashrc; {asked}") == "kms-node-denied\n"


@having("zsh")
def test_zsh_completes_once_it_is_installed(home: Path) -> None:
    install_script("zsh")
    # What the keys would do takes a terminal: the function is asked what it was registered for, and what it adds.
    functions = (
        "compadd() { print -- $completions }",
        "_describe() { print -- $completions_with_descriptions }",
        "words=(ssmtui causes kms-node-); CURRENT=3",
    )
    asked = "; ".join(functions)
    told = run("zsh", "-f", "-c", f". ~/.zshrc; print $_comps[ssmtui]; {asked}; _ssmtui_completion")
    assert told.splitlines()[0] == "_ssmtui_completion"
    assert "kms-node-denied:Role cannot use the session key" in told


@having("fish")
def test_fish_completes_once_it_is_installed(home: Path) -> None:
    install_script("fish")
    assert run("fish", "-c", 'complete -C "ssmtui causes kms-node-"').startswith("kms-node-denied\t")
    assert "Check the specified nodes (default: all)" in run("fish", "-c", 'complete -C "ssmtui chec"')


@having("pwsh")
def test_powershell_takes_the_script(home: Path) -> None:
    install_script("powershell")
    asked = "(TabExpansion2 'ssmtui causes kms-node-' 23).CompletionMatches.CompletionText"
    assert "kms-node-denied" in run("pwsh", "-NonInteractive", "-Command", asked)


def test_the_script_for_powershell_asks_ssmtui() -> None:
    script = script_for("powershell")
    assert "Register-ArgumentCompleter -Native -CommandName ssmtui" in script
    assert "$env:_SSMTUI_COMPLETE = 'powershell_complete'" in script


def test_a_line_is_added_once_and_below_what_is_there(home: Path) -> None:
    (home / ".zshrc").write_text("setopt autocd")
    install_script("zsh")
    install_script("zsh")
    first, second = (home / ".zshrc").read_text().splitlines()
    assert first == "setopt autocd"
    assert second == f". {shlex.quote(str(home / '.local/share/ssmtui/completion.zsh'))}"


def test_where_bash_has_a_loader_its_start_file_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "_LOADERS_OF_BASH", (__file__,))
    install_script("bash")
    assert not (home / ".bashrc").exists()


def test_what_cannot_be_written_is_said(home: Path) -> None:
    (home / ".config").write_text("a file where the folder would be")
    with pytest.raises(UsageError, match="cannot be installed"):
        install_script("fish")


@pytest.mark.parametrize(
    ("named", "shell"),
    [("/bin/bash", "bash"), ("/usr/bin/zsh", "zsh"), ("/opt/fish", "fish"), ("/bin/pwsh", "powershell")],
)
def test_the_shell_is_that_of_the_environment(named: str, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", named)
    assert shell_in_use() == shell


def test_a_shell_without_a_script_is_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    with pytest.raises(UsageError, match="bash, zsh, fish, powershell"):
        shell_in_use()


def test_powershell_that_is_not_there_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(UsageError, match=r"ssmtui completion powershell"):
        install_script("powershell")


def test_each_value_that_has_words_of_its_own_offers_them() -> None:
    known = {"nodes", "node", "cause", "slug", "profiles", "regions", "scenario", "fix", "profile"}
    takes = [
        (name, each) for name, command in commands.commands.items() for each in command.params if each.name in known
    ]
    assert [(name, each.name) for name, each in takes if each._custom_shell_complete is None] == []

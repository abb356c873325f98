"""What is ours is its owner's alone, whoever made it before, and no pipe keeps anybody waiting."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import click
import pytest

from ssmtui.cli.commands import commands
from ssmtui.cli.completion import cache_file, cached_nodes
from ssmtui.cli.errors import UsageError
from ssmtui.cli.report_treatment import read_mutes
from ssmtui.cli.run import Run
from ssmtui.config.file import ConfigError, FileSettings, read_config
from ssmtui.config.private_files import folders, make_private_folder, open_private, read_private
from ssmtui.remediation.apply.journal import Journal, JournalUnusable
from ssmtui.session.plugin.invocation import preflight
from ssmtui.session.session_registry import RegistryUnusable, SessionRegistry
from ssmtui.ui.app.themes import UserThemes, load_user_themes
from ssmtui.ui.state.ui_state import UiStateFile, UiStateFileError
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle

if not hasattr(os, "mkfifo"):
    pytest.skip("there are no named pipes here, and no modes", allow_module_level=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_and_a_file_that_others_could_read_are_taken_from_them(tmp_path: Path) -> None:
    folder, file = tmp_path / "ours", tmp_path / "ours" / "file"
    folder.mkdir(mode=0o755)
    file.write_bytes(b"old")
    file.chmod(0o644)
    make_private_folder(folder)
    os.close(open_private(file, os.O_WRONLY | os.O_APPEND))
    assert (mode(folder), mode(file), read_private(file), read_private(file, last=2)) == (0o700, 0o600, b"old", b"ld")


def test_an_older_journal_and_an_older_log_are_its_owners_alone_from_the_next_line_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("ssmtui"), "handlers", [])
    journal, log = Journal(tmp_path / "state"), tmp_path / "log"
    (tmp_path / "state").mkdir()
    for file in (journal.file, log):
        file.touch(mode=0o644)
        file.chmod(0o644)
    journal.plan(bucket_toggle(FakeAws([ON])))
    Run.of((), {"no_color": False, "log_file": log})
    logging.getLogger("ssmtui").warning("one line")
    (handler,) = logging.getLogger("ssmtui").handlers
    handler.close()
    assert [mode(each) for each in (journal.file, log)] == [0o600, 0o600]
    assert log.read_text().endswith("WARNING ssmtui: one line\n")


READERS: list[tuple[str, Callable[[Path], object], type[OSError]]] = [
    ("changes.jsonl", lambda folder: Journal(folder).read(), JournalUnusable),
    ("sessions.jsonl", lambda folder: SessionRegistry(folder).left_open(), RegistryUnusable),
    ("habits.json", lambda folder: UiStateFile(folder).read(), UiStateFileError),
]
WRITERS: list[tuple[str, Callable[[Path], object], type[OSError]]] = [
    ("changes.jsonl", lambda folder: Journal(folder).plan(bucket_toggle(FakeAws([ON]))), JournalUnusable),
    ("sessions.jsonl", lambda folder: SessionRegistry(folder).ended("alex-1"), RegistryUnusable),
    ("habits.json", lambda folder: UiStateFile(folder).change(lambda habits: habits), UiStateFileError),
]


@pytest.mark.parametrize(("name", "use", "told"), [*READERS, *WRITERS])
def test_what_belongs_to_another_user_is_neither_read_nor_written(
    name: str, use: Callable[[Path], object], told: type[OSError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(b"")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(told, match="the file belongs to another user"):
        use(tmp_path)
    assert (tmp_path / name).read_bytes() == b""


@pytest.mark.parametrize(("name", "read", "told"), READERS)
def test_what_every_user_can_replace_is_not_read_and_the_sentence_has_the_way_out(
    name: str, read: Callable[[Path], object], told: type[OSError], tmp_path: Path
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / name).write_bytes(b"")
    folder.chmod(0o777)
    with pytest.raises(told, match=f"every user can write to the folder; to fix this, run chmod go-w {folder}"):
        read(folder)
    folder.chmod(0o1777)
    read(folder)


@pytest.mark.parametrize(("name", "read", "told"), READERS)
def test_a_pipe_in_the_place_of_a_file_is_told_of_and_not_waited_for(
    name: str, read: Callable[[Path], object], told: type[OSError], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(told, match="this is not a file"):
        read(tmp_path)


def test_a_pipe_in_the_place_of_what_is_remembered_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache_file().parent.mkdir(parents=True)
    os.mkfifo(cache_file())
    assert cached_nodes((), (), None, {}) == ()


def _dangling(place: Path) -> None:
    place.symlink_to("nowhere")


def _in_a_dangling_folder(place: Path) -> None:
    place.parent.rmdir()
    place.parent.symlink_to("nowhere")


def _link_to_itself(place: Path) -> None:
    place.symlink_to(place)


NO_FILES: list[tuple[Callable[[Path], object], str]] = [
    (_dangling, "this is a link to a file that does not exist"),
    (_in_a_dangling_folder, "No such file or directory"),
    (_link_to_itself, "Too many levels of symbolic links"),
    (Path.mkdir, "this is a folder"),
    (os.mkfifo, "this is not a file"),
]


@pytest.mark.parametrize(("make", "why"), NO_FILES)
def test_a_configuration_file_that_is_none_may_say_read_only_and_is_refused(
    make: Callable[[Path], object], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = folders().config_file
    file.parent.mkdir(parents=True)
    make(file)
    with pytest.raises(ConfigError) as refused:
        read_config(None)
    assert str(refused.value) == f"The configuration file {file} cannot be read: {why}."
    with pytest.raises(UsageError, match=why):
        read_mutes(file)


def test_a_configuration_file_is_not_there_if_nothing_of_its_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    assert read_config(None) == FileSettings()
    (tmp_path / "none").touch()
    assert read_config(None) == FileSettings()
    assert read_config(Path(os.devnull)).told == {}


def test_a_mute_file_may_be_what_the_shell_has_opened() -> None:
    ours, its = os.pipe()
    os.write(its, b"")
    os.close(its)
    try:
        assert read_mutes(Path(f"/dev/fd/{ours}")) == ()
    finally:
        os.close(ours)


def test_a_folder_of_themes_that_is_none_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "themes").symlink_to("nowhere")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "sea.toml").symlink_to("nowhere")
    assert load_user_themes(tmp_path / "no") == UserThemes()
    assert load_user_themes(tmp_path / "themes").mistakes == (
        f"Cannot read the themes in {tmp_path / 'themes'}: No such file or directory.",
    )
    place = f"{tmp_path / 'none' / 'sea.toml'}:1:1"
    assert load_user_themes(tmp_path / "none").mistakes == (f"{place}: this is a link to a file that does not exist",)


LONG = "x" * 5_000
NESTED = "/" + "x/" * 2_500


@pytest.mark.parametrize("long", [LONG, NESTED], ids=["name", "path"])
@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (("info", "--config", "{}"), {}),
        (("check", "--log-file", "{}"), {}),
        (("check", "--mute", "{}"), {}),
        (("check", "--output", "{}"), {}),
        (("check", "--replay", "{}"), {}),
        (("report", "merge", "{}"), {}),
        (("snapshot", "{}"), {}),
        (("info",), {"XDG_CONFIG_HOME": "{}"}),
        (("undo", "--list"), {"XDG_STATE_HOME": "{}"}),
    ],
)
def test_a_path_of_5000_characters_is_refused_in_a_sentence(
    words: tuple[str, ...], variables: Mapping[str, str], long: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch, suppress(click.ClickException, SystemExit):
        for name, value in variables.items():
            patch.setenv(name, value.format(long))
        commands([word.format(long) for word in words], prog_name="ssmtui", standalone_mode=False)
    assert "defect" not in capsys.readouterr().err


def test_no_plugin_is_looked_for_in_a_folder_of_5000_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", NESTED)
    assert "is not installed" in preflight().why


def test_a_path_with_a_nul_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('log_file = "a\\u0000b"\n')
    with pytest.raises(ConfigError, match="log_file must be the path of a file"):
        read_config(file)
    with pytest.raises(ConfigError, match="this is not a valid file name"):
        read_config(Path("a\0b"))

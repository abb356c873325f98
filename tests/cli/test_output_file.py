from __future__ import annotations

import os
from pathlib import Path

import pytest

from ssmtui.cli.errors import UsageError
from ssmtui.cli.output_file import open_output_file


@pytest.fixture
def _no_umask() -> object:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_no_umask")
def test_the_file_is_not_there_before_it_is_whole_and_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    wanted = tmp_path / "report.json"
    with open_output_file(wanted) as file:
        assert file is not None
        assert not wanted.exists()
        file.write("all of it\n")
    assert wanted.read_text(encoding="utf-8") == "all of it\n"
    assert wanted.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [wanted]


def test_the_report_of_before_stays_where_the_work_fails(tmp_path: Path) -> None:
    wanted = tmp_path / "report.json"
    wanted.write_text("before", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), open_output_file(wanted):
        raise ZeroDivisionError
    assert wanted.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [wanted]


def test_a_link_leads_to_the_file_and_stays_a_link(tmp_path: Path) -> None:
    wanted, link = tmp_path / "report.json", tmp_path / "latest.json"
    wanted.write_text("before", encoding="utf-8")
    wanted.chmod(0o604)
    link.symlink_to(wanted)
    with open_output_file(link) as file:
        assert file is not None
        file.write("after")
    assert link.is_symlink()
    assert wanted.read_text(encoding="utf-8") == "after"
    assert wanted.stat().st_mode & 0o777 == 0o604


@pytest.mark.parametrize("name", ["nowhere/report.json", "."])
def test_what_cannot_be_written_is_said_before_the_work(name: str, tmp_path: Path) -> None:
    worked = False
    with pytest.raises(UsageError, match="cannot be written"), open_output_file(tmp_path / name):
        worked = True
    assert not worked


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_a_device_is_written_to_and_not_replaced_and_a_full_one_is_told_in_words() -> None:
    device = Path("/dev/full")
    with open_output_file(device) as file:
        assert file is not None
        with pytest.raises(UsageError, match="No space left on device"):
            file.write("anything")
    assert device.is_char_device()


def test_standard_output_needs_no_file() -> None:
    with open_output_file(None) as file:
        assert file is None

"""A mute file: what it says, and each mistake in it by its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ssmtui.cli.errors import UsageError
from ssmtui.cli.report_treatment import active_mutes, expired_mute_message, read_mutes
from ssmtui.report.annotated_report import Mute

GOOD = """\
# what we know
[[mute]]
cause = "kms-*"
node = ["etl-*", "i-0123456789abcdef0"]
reason = "OPS-1: the key moves"
expires = 2027-01-31

[[mute]]
subject = "arn:aws:iam::*:role/legacy"
reason = '''
[[mute]] is no entry here'''
expires = 2026-12-31
"""


def file(folder: Path, text: str) -> Path:
    written = folder / "mutes.toml"
    written.write_text(text, encoding="utf-8")
    return written


def test_entries_are_read_with_their_lines_and_sorted_by_the_day(tmp_path: Path) -> None:
    mutes = read_mutes(file(tmp_path, GOOD.replace("\n[[mute]] is", "\nit [[mute]] is")))
    moving = Mute(("kms-*",), (), ("etl-*", "i-0123456789abcdef0"), "OPS-1: the key moves", date(2027, 1, 31), 2)
    legacy = Mute((), ("arn:aws:iam::*:role/legacy",), (), "it [[mute]] is no entry here", date(2026, 12, 31), 8)
    assert mutes == (moving, legacy)
    assert active_mutes(mutes, date(2026, 12, 31)) == (mutes, ())
    assert active_mutes(mutes, date(2027, 1, 1)) == ((moving,), (legacy,))
    assert expired_mute_message(Path("m.toml"), moving) == (
        "m.toml:2: expired on 2027-01-31, so the findings count again: OPS-1: the key moves"
    )


def test_an_empty_file_mutes_nothing_and_an_array_in_one_value_will_do(tmp_path: Path) -> None:
    assert read_mutes(file(tmp_path, "")) == ()
    one = '\nmute = [{node = "i-*", reason = "r", expires = 2027-01-31}]\n'
    assert read_mutes(file(tmp_path, one)) == (Mute((), (), ("i-*",), "r", date(2027, 1, 31), 2),)
    # A text that looks like an entry: the lines are not sure then, and the first one is told.
    assert [each.line for each in read_mutes(file(tmp_path, GOOD))] == [2, 2]


ENTRY = '[[mute]]\ncause = "kms-*"\nreason = "r"\nexpires = 2027-01-31\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = ", ":1:5: Invalid value"),
        ("x = 1\n", ":1: a mute file has only [[mute]] entries, not x"),
        ("mute = 1\n", ":1: a mute file has only [[mute]] entries, not mute"),
        (f'{ENTRY}\n[[mute]]\ncauses = "kms-*"\n', ":7: unknown key: causes. Did you mean cause?"),
        (f'{ENTRY}\n\n[[mute]]\nreason = "r"\n', ":7: an entry needs a cause, subject or node"),
        (
            ENTRY.replace("kms-*", "kms-key-mising"),
            ":2: unknown cause: kms-key-mising. Did you mean kms-key-missing?",
        ),
        (ENTRY.replace('"kms-*"', "7"), ":2: cause must be a text or a list of texts"),
        (ENTRY.replace('"r"', '" "'), ':3: an entry needs a reason: reason = "…"'),
        (ENTRY.replace("2027-01-31", '"soon"'), ":4: an entry needs an expiry date: expires = 2027-01-31"),
        (ENTRY.replace("expires = 2027-01-31\n", ""), ":1: an entry needs an expiry date"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_mutes(file(tmp_path, text))
    assert str(refused.value.message).removeprefix(str(tmp_path / "mutes.toml")).startswith(told)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read_mutes(file(tmp_path, f"{ENTRY.replace('kms', 'kmx')}\n{ENTRY}\n[[mute]]\nnode = 1\n"))
    assert [line.split(":")[1] for line in refused.value.message.splitlines()] == ["2", "12"]

"""One text of all kinds of hostile text through everything; `make hostile` tries hundreds."""

from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.simulator.in_thread import serving
from tests.simulated_aws import point_at
from tools.trust.hostile import handovers, kept, later, reports, screens, snapshots
from tools.trust.hostile.cost import redaction_faults
from tools.trust.hostile.texts import BEYOND, KINDS, LAUGHS, SURROGATES, of_a_terminal

ALL = "".join(KINDS.values())


@pytest.mark.parametrize("text", [ALL, SURROGATES, KINDS["a path"]])
def test_reports_in_every_format_say_it_and_do_nothing(text: str) -> None:
    assert list(reports.faults(text)) == []


def test_a_report_of_a_text_that_is_too_long_for_a_page_omits_results() -> None:
    assert list(reports.faults("x" * 20_000)) == []


def test_what_is_handed_over_says_it_and_does_nothing(tmp_path: Path) -> None:
    assert list(handovers.form_faults(ALL)) == []
    assert list(handovers.bash_faults(ALL, handovers.StandIn(tmp_path))) == []


def test_journal_clipboard_and_explain_show_it() -> None:
    assert list(kept.faults(ALL)) == []


@pytest.mark.parametrize("text", [ALL, SURROGATES, LAUGHS, BEYOND[1], BEYOND[5]])
def test_whatever_parses_it_ends_in_its_own_words(text: str) -> None:
    assert list(kept.reading_faults(text)) == []


@pytest.mark.parametrize("place", later.PLACES)
def test_a_word_of_a_later_version_is_shown_as_it_is(place: str) -> None:
    assert list(later.faults(place)) == []


@pytest.mark.parametrize("place", ["cause", "status", "verdict"])
async def test_the_app_shows_a_word_of_a_later_version(place: str) -> None:
    assert await later.app_faults(place) == []


def test_an_altered_snapshot_ends_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as aws:
        point_at(aws, monkeypatch)
        lines = snapshots.recorded(aws, snapshots.WORLDS[0])
    assert [each for each in snapshots.lost(lines, range(300, 330)) if each[2]] == []


def test_a_long_name_is_redacted_in_the_time_that_it_is_long() -> None:
    assert [fault for _, fault in redaction_faults() if fault] == []


async def test_a_screen_paints_it_as_text() -> None:
    (scene,) = (each for each in screens.SCRIPTED if each.name == "probe")
    assert [fault async for fault in screens.faults(scene, ALL, set())] == []


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        (b"\x1b[1;31mred\x1b[0m\r\n\x1b]52;c;d2Vi\x07\x1b[?25l\x1b]22;default\x07 caf\xc3\xa9", 0),
        (b"\x1b[777m", 1),
        (b"\x1b]52;c;Y2FuYXJ5\x07", 1),
        (b"\x1b]0;canary\x1b\\", 2),
        (b"\x1b]52;c;Gw==\x07", 1),
        (b"web\xc2\x9b31m", 1),
        (b"web\xe2\x80\xae", 1),
        (b"web\x7f", 1),
        (b"\x9b", 1),
    ],
)
def test_a_command_among_the_bytes_of_a_terminal_is_seen(raw: bytes, faults: int) -> None:
    assert len(list(of_a_terminal(raw))) == faults

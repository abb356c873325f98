"""The page tells each program, what was lost, and what its numbers leave out."""

from __future__ import annotations

from pathlib import Path

from tools.trust.reliability_page import page
from tools.trust.tally import Tally, keep, kept

ORACLE = Tally("oracle", "Random accounts: never `pass` where the oracle denies.", 50_000, "accounts", seeds=(7,))


def test_what_was_kept_is_told_with_its_seed(tmp_path: Path) -> None:
    assert keep(ORACLE, tmp_path) == 0
    (told,) = kept(tmp_path)
    assert f"| `oracle` | 50,000 accounts | {ORACLE.asked} | 7 | nothing | {told.made} |\n" in page([told])


def test_a_loss_is_told_and_fails(tmp_path: Path) -> None:
    lossy = Tally("soak", "Refreshes.", 3, "refreshes", lost=("a thread stayed | 1 more",), notes=("an hour",))
    assert keep(lossy, tmp_path) == 1
    told = page(kept(tmp_path))
    assert "| a thread stayed &#124; 1 more |" in told
    assert told.endswith("## Notes and limits\n- `soak`: an hour\n")


def test_only_the_programs_that_ran_are_written_anew() -> None:
    lossy = Tally("soak", "Refreshes.", 3, "refreshes", lost=("a thread stayed",), notes=("an hour",), made="Monday")
    before = page([ORACLE, lossy]) + "- `soak`: a remark by hand | about this run\n- A remark about nothing\n"
    again = Tally("soak", "Refreshes.", 4, "refreshes", notes=("two hours",), made="Tuesday")
    assert page([again], before) == page([ORACLE, again])
    assert page([], page([ORACLE, lossy])) == page([ORACLE, lossy])

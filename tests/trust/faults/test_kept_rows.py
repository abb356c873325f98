"""A run of hours that is stopped is gone on with where it was, and what was lost is tried again."""

from __future__ import annotations

from pathlib import Path

from tools.trust.faults.matrix import KeptRows, Row

CLEAN = Row("ec2:DescribeVpcs", 19, (), decides=True, seconds=3.5)
LOST = Row("ec2:DescribeVpcs in the app", 16, ("it hangs",), decides=True, seconds=4.0)


def test_what_was_tried_and_held_is_not_tried_again(tmp_path: Path) -> None:
    stopped = KeptRows(tmp_path / "rows", earlier=False)
    stopped.add(CLEAN)
    stopped.add(LOST)
    gone_on = KeptRows(tmp_path / "rows", earlier=True)
    assert (gone_on.rows, gone_on.earlier) == ((CLEAN, LOST), 2)
    assert not gone_on.lacks(CLEAN.operation)
    assert gone_on.lacks(CLEAN.operation, LOST.operation)
    assert gone_on.lacks("ec2:DescribeTags")
    assert [gone_on.has(each) for each in (LOST.operation, "ec2:DescribeTags")] == [True, False]


def test_a_row_that_is_tried_again_stands_in_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    rows = KeptRows(tmp_path / "rows", earlier=False)
    rows.add(LOST)
    mended = Row(LOST.operation, 16, (), decides=True)
    rows.add(mended)
    assert rows.rows == (mended,)


def test_a_run_of_less_than_all_knows_its_own_rows_and_keeps_none(tmp_path: Path) -> None:
    rows = KeptRows(None, earlier=False)
    rows.add(CLEAN)
    assert (rows.rows, list(tmp_path.iterdir())) == ((CLEAN,), [])


def test_a_run_that_begins_anew_knows_of_no_earlier_one(tmp_path: Path) -> None:
    KeptRows(tmp_path / "rows", earlier=False).add(CLEAN)
    assert (KeptRows(tmp_path / "rows", earlier=False).rows, KeptRows(tmp_path / "rows", earlier=True).rows) == ((), ())

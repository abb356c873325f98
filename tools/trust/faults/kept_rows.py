"""The rows that were tried, kept as they come: a run of hours may be stopped, and gone on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tools.trust.faults.matrix import Row
from tools.trust.tally import KEPT

ROWS = KEPT / "faults.rows"
"""A row a line."""


class KeptRows:
    """The rows of a run: of earlier ones too, where `earlier` ones are gone on with. Without a file none is kept."""

    def __init__(self, file: Path | None, *, earlier: bool) -> None:
        self._file = file
        self._rows = dict(_read(file)) if file is not None and earlier else {}
        self.earlier = len(self._rows)
        self._write()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All that are known by now."""
        return tuple(self._rows.values())

    def has(self, name: str) -> bool:
        """Whether a row was tried, whatever became of it."""
        return name in self._rows

    def lacks(self, *names: str) -> bool:
        """Whether one of these rows was not tried, or something was lost there."""
        return any(name not in self._rows or self._rows[name].lost for name in names)

    def add(self, row: Row) -> None:
        """Keep a row, in the place of an earlier one of its name."""
        self._rows[row.operation] = row
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(asdict(each)) for each in self._rows.values())
        self._file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _read(file: Path) -> Mapping[str, Row]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    told = [json.loads(line) for line in lines]
    rows = [Row(**{**each, "lost": tuple(each["lost"])}) for each in told]
    return {each.operation: each for each in rows}

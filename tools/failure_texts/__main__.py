"""Read the sources of the programs, update the tables, and print their size and coverage (`make failure-texts`)."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.failure_texts.sources import PROGRAMS, Missing, Program, files_of
from tools.failure_texts.table import FOLDER, Table, coverage, read_table, rows_of, write_table

_HEAD = "| program | version | texts | with causes | general | not about a failing session | without a class |"


def main(mirrors: Path | None) -> int:
    """Print a row for each program. With a folder of mirrors, read the sources again before.

    A mirror is a git directory, `OWNER+NAME/repo`.
    """
    print(f"{_HEAD}\n|---|---|---|---|---|---|---|")
    missing = list[str]()
    for program in PROGRAMS:
        if mirrors is not None:
            try:
                write_table(_updated(program, mirrors))
            except Missing as error:
                missing.append(str(error))
        print(coverage(read_table(_path(program))))
    for repository in missing:
        print(f"missing: {repository}", file=sys.stderr)
    return bool(missing)


def _updated(program: Program, mirrors: Path) -> Table:
    before = {row.text: row for row in read_table(_path(program)).rows} if _path(program).exists() else {}
    return Table(program.name, program.version, rows_of(program.read(files_of(program, mirrors)), before))


def _path(program: Program) -> Path:
    return FOLDER / f"{program.name}.tsv"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))

"""Read the sources of the programs, update the tables, and print their size and coverage (`make failure-texts`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.failure_texts.sources import PROGRAMS, Missing, Program, files_of
from tools.failure_texts.table import FOLDER, Table, coverage, read_table, rows_of, without_holes, write_table

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
    known = {without_holes(row.text) for name in _newer(program) for row in read_table(_path(name)).rows}
    texts = (each for each in program.read(files_of(program, mirrors)) if without_holes(each.text) not in known)
    return Table(program.name, program.version, rows_of(texts, before))


def _newer(program: Program) -> Iterator[Program]:
    by_name = {each.name: each for each in PROGRAMS}
    while program.newer:
        program = by_name[program.newer]
        yield program


def _path(program: Program) -> Path:
    return FOLDER / f"{program.name}.tsv"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))

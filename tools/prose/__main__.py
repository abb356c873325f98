"""Print each problem of wording with its file and line: `python -m tools.prose [FILE …]`. Exit 1 if there is one."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from tools.prose.texts import all_texts


def main(files: list[str]) -> int:
    """Check all texts, or those of some files. Without proselint, nothing is checked."""
    if not find_spec("proselint"):
        print("proselint is not installed: the wording was not checked")
        return 0
    from tools.prose.style import problems

    found = [
        f"{text.file}:{text.line}: {problem}"
        for text in all_texts()
        if not files or str(text.file) in files
        for problem in problems(text)
    ]
    sys.stdout.writelines(f"{each}\n" for each in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

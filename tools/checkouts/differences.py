"""Compare the output of two checkouts, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from enum import Enum
from pathlib import Path

from tools.checkouts.normalizing import normalized

_SOURCE = re.compile(r"\b[a-z0-9-]+:[A-Z][A-Za-z0-9]+\b|(?<=\"source\": \")[^\"]*")
_ORNAMENT = re.compile(r"\x1b\[[0-9;:]*m|[\s()│]")


class Likeness(Enum):
    """The result of the comparison of two pages."""

    EQUAL = "equal"
    SOURCE_NAMED = "source named"
    DIFFERENT = "different"
    ONLY_BASE = "only in base"
    ONLY_HEAD = "only in head"


@dataclass(frozen=True, slots=True)
class Compared:
    """A page, `kind/name/page`, and its comparison; `difference` is a unified diff, if there is one."""

    path: str
    likeness: Likeness
    difference: str = ""

    @property
    def kind(self) -> str:
        """The kind of the page."""
        return self.path.partition("/")[0]


def compared_folders(base: Path, head: Path, folders: Iterable[str]) -> Iterator[Compared]:
    """Yield every page in these folders of either side."""
    for path in sorted({path for folder in folders for side in (base, head) for path in _pages(side, folder)}):
        if not (head / path).exists():
            yield Compared(path, Likeness.ONLY_BASE)
        elif not (base / path).exists():
            yield Compared(path, Likeness.ONLY_HEAD)
        else:
            one, other = ((side / path).read_text(encoding="utf-8") for side in (base, head))
            yield compared(path, one, other)


def _pages(side: Path, folder: str) -> Iterator[str]:
    return (file.relative_to(side).as_posix() for file in (side / folder).glob("*") if file.is_file())


def compared(path: str, base: str, head: str) -> Compared:
    """Compare one page, without the parts that vary between runs."""
    page = path.rpartition("/")[2]
    one, other = (normalized(page, kept).splitlines() for kept in (base, head))
    if one == other:
        return Compared(path, Likeness.EQUAL)
    likeness = Likeness.SOURCE_NAMED if only_sources_named(one, other) else Likeness.DIFFERENT
    lines = unified_diff(one, other, f"base/{path}", f"head/{path}", lineterm="")
    return Compared(path, likeness, "\n".join(lines).replace("\x1b", "␛"))


def only_sources_named(base: Sequence[str], head: Sequence[str]) -> bool:
    """Return whether the only new parts are sources of evidence: API calls that were not named before."""
    for kind, start, end, other_start, other_end in SequenceMatcher(None, base, head, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        was, now = "\n".join(base[start:end]), "\n".join(head[other_start:other_end])
        if _bare(was) != _bare(now) or not _named(was) < _named(now):
            return False
    return True


def _named(text: str) -> Counter[str]:
    return Counter(filter(None, _SOURCE.findall(text)))


def _bare(text: str) -> str:
    return _ORNAMENT.sub("", _SOURCE.sub("", text))

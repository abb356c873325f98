"""What this process holds at one moment, and whether it holds more later than early."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_OPEN = Path("/proc/self/fd")
_PAGES = Path("/proc/self/statm")
_PAGE = 4096
_TIMES = {"traced": 1.05, "objects": 1.05, "resident": 1.10}
"""How many times as much memory late as early is no growth: allocators keep what is freed."""

_MORE = {"sockets": 10, "files": 10}
"""How many more are none either: a pool of connections has as many as were last needed at once."""

_LOOKS = 3
"""As many looks make early, and as many late: what has just ended may be seen once, what leaks is in every look."""


@dataclass(frozen=True, slots=True)
class Held:
    """Memory in bytes, and how many of what must be closed."""

    traced: int
    """What Python has allocated; 0 where that is not traced, which makes all of it thrice as slow."""
    objects: int
    """What the collector knows of."""
    resident: int
    """What the system has given; 0 where it does not tell."""
    tasks: int
    sockets: int
    files: int
    """Handles, of sockets and pipes as well; 0 where the system does not tell."""
    threads: int


def held() -> Held:
    """What is held now, of what is not only waiting to be collected."""
    gc.collect()
    counted = Counter(map(type, gc.get_objects()))
    kinds = Counter[str]()
    for kind, count in counted.items():
        kinds[f"{kind.__module__}.{kind.__name__}"] += count
    return Held(
        tracemalloc.get_traced_memory()[0],
        counted.total(),
        int(_PAGES.read_text(encoding="ascii").split()[1]) * _PAGE if _PAGES.exists() else 0,
        kinds["_asyncio.Task"],
        kinds["socket.socket"],
        len(list(_OPEN.iterdir())) if _OPEN.exists() else 0,
        threading.active_count(),
    )


def grown(looks: Sequence[Held]) -> Iterator[str]:
    """Each thing of which every late look has more than any early one, a sentence each."""
    early, late = looks[:_LOOKS], looks[-_LOOKS:]
    for name in asdict(looks[0]):
        before, after = ([getattr(each, name) for each in some] for some in (early, late))
        if min(after) > max(before) * _TIMES.get(name, 1) + _MORE.get(name, 0):
            yield f"{name} grew from {before} to {after}"

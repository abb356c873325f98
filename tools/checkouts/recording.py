"""Record the output of a checkout, one folder per task; existing folders are not recorded again."""

from __future__ import annotations

import queue
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.checkouts.checkout import Checkout
from tools.checkouts.place import Place

Pages = Mapping[str, object]
"""The output, by file name; the text is `str` of each."""


@dataclass(frozen=True, slots=True)
class Task:
    """A kind (`reports`), a name in it (usually a world), and a function that returns the pages."""

    kind: str
    name: str
    pages: Callable[[Place], Pages]

    @property
    def folder(self) -> str:
        """The folder of its pages, among the outputs."""
        return f"{self.kind}/{self.name}"


def record(checkout: Checkout, tasks: Sequence[Task], jobs: int) -> None:
    """Run every task that has no folder yet, a few in parallel, each in its own place."""
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    left = [task for task in tasks if not (checkout.outputs / task.folder).exists()]
    for task in left:
        waiting.put(task)
    if not left:
        return
    started = time.monotonic()
    with ThreadPoolExecutor(jobs) as threads:
        for done in [threads.submit(_work, checkout, waiting) for _ in range(jobs)]:
            done.result()
    kind = left[0].kind
    print(f"{checkout.state}: {kind}, {len(left)} recorded in {time.monotonic() - started:.0f} s", file=sys.stderr)


def _work(checkout: Checkout, waiting: queue.SimpleQueue[Task]) -> None:
    with Place(checkout.python) as place:
        while not waiting.empty():
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            _keep(checkout.outputs / task.folder, task.pages(place))


def _keep(folder: Path, pages: Pages) -> None:
    """Write all pages, or none: an existing folder is complete."""
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name, page in pages.items():
        (unfinished / name).write_text(str(page), encoding="utf-8")
    unfinished.rename(folder)

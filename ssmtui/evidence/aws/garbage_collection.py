"""Keep the garbage collector from scanning what it cannot free: imported modules, and large answers."""

from __future__ import annotations

import gc
from functools import cache


@cache
def keep_imports(of: str) -> None:
    """Exclude all objects that exist now from garbage collection: what was imported stays until the process ends.

    The imports of a start would cause several collections of 50,000 objects, 20 ms each. `of` names what was imported.
    A second call for the same imports does nothing, because it would also keep the garbage that has come since.
    """
    gc.freeze()


class GarbageCollectionPaused:
    """Pauses garbage collection while it is entered anywhere.

    A large answer has a hundred thousand parts without reference cycles, which are freed without the collector. The
    collector would scan them again and again, and block every event loop meanwhile.
    """

    def __init__(self) -> None:
        self._entered = 0
        self._collecting = False

    def __enter__(self) -> None:
        if not self._entered:
            self._collecting = gc.isenabled()
            gc.disable()
        self._entered += 1

    def __exit__(self, *_: object) -> None:
        self._entered -= 1
        if not self._entered and self._collecting:
            gc.enable()

"""Keep less memory: glibc keeps the freed memory of each thread in a heap of its own."""

from __future__ import annotations

import sys

_M_ARENA_MAX = -8
"""The parameter of `mallopt` for the maximum number of heaps (glibc, malloc.h)."""


def use_one_heap() -> None:
    """Let all threads allocate in the same heap. Call this before another thread starts.

    Python's small objects have an allocator of their own. Does nothing with another C library than glibc.
    """
    if sys.platform != "linux":
        return
    try:
        import ctypes

        mallopt = ctypes.CDLL(None).mallopt
    except (ImportError, OSError, AttributeError):
        return
    mallopt(_M_ARENA_MAX, 1)

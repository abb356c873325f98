"""Keep less memory: glibc keeps the freed memory of each thread, and of large objects, in its heaps."""

from __future__ import annotations

import sys

_M_ARENA_MAX = -8
"""The parameter of `mallopt` for the maximum number of heaps (glibc, malloc.h)."""
_M_MMAP_THRESHOLD = -3
"""The parameter for the size from which an object is in no heap: its memory is the system's again when it is freed."""

_LARGE = 2**20
"""Bytes. Pages of answers are larger. By default, glibc raises the size to that of the largest freed object."""


def use_one_heap() -> None:
    """Let all threads allocate in the same heap, without large objects. Call this before another thread starts.

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
    mallopt(_M_MMAP_THRESHOLD, _LARGE)

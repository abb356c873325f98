"""Words for a defect of our own: the place, and never a value, which might be somebody's secret."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb


def defect_words(error: BaseException) -> str:
    """The kind of error and the innermost place in ssmtui that it came through."""
    kind = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return defect_words(error.exceptions[0])
    frames = [frame for frame in extract_tb(error.__traceback__) if "ssmtui" in Path(frame.filename).parts]
    if not frames:
        return kind
    frame = frames[-1]
    parts = Path(frame.filename).parts
    place = "/".join(parts[len(parts) - 1 - parts[::-1].index("ssmtui") :])
    return f"{kind} at {place}:{frame.lineno}"

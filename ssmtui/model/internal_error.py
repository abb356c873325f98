"""Describe an internal error by its kind and place, never by a value, which might be a secret."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb

import ssmtui
from ssmtui.language import say
from ssmtui.model.fact import ReadFailure, Unreadable

_PACKAGE = Path(ssmtui.__file__).parent
"""Where our own code is. A checkout may be called `ssmtui` too, so a path is not ours for its words."""


class NotJudged(LookupError):
    """Evidence that cannot be judged: the snapshot was altered, or it is a defect. Its text is a sentence."""


def describe_internal_error(error: BaseException) -> str:
    """The kind of error and the innermost place in ssmtui that it came through."""
    kind = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return describe_internal_error(error.exceptions[0])
    frames = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not frames:
        return kind
    place = Path(frames[-1].filename).relative_to(_PACKAGE.parent).as_posix()
    return f"{kind} at {place}:{frames[-1].lineno}"


def unreadable_after_error(error: BaseException, source: str) -> Unreadable:
    """What stands for a fact that a defect kept from being read. `source` is the call that it was to be read by."""
    why = say("{action}: a defect in ssmtui ({defect})", action=source, defect=describe_internal_error(error))
    return Unreadable("", why, ReadFailure.DEFECT, source)

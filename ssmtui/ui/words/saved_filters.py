"""The names of saved filters: one word each, as `@name` is one."""

from __future__ import annotations

from ssmtui.language import say

_LONGEST = 40


def why_no_name(name: str) -> str:
    """Why a filter cannot be saved under a name; empty where it can."""
    if not name:
        return say("a name is one character at least")
    if len(name) > _LONGEST:
        return say("a name is {most} characters at most", most=_LONGEST)
    if not all(each.isalnum() or each in "-_." for each in name):
        return say("a name is one word of letters, digits, and - _ .")
    return ""

"""French typography: no line break at the spaces next to punctuation. Imports nothing, because the build uses it."""

from __future__ import annotations

import re

_NO_BREAK = "\u00a0"
_BESIDE = re.compile(r"(?:(?<=[\w)}\]»”%'*…])|\A) (?=[:;?!»](?:[\s)\].,*]|$))|(?<=«) ")
_CODE = re.compile(r"(^```.*?^```|`[^`\n]*`)", re.DOTALL | re.MULTILINE)


def set_in_french(text: str) -> str:
    """Return a sentence or Markdown text with non-breaking spaces before `:`, `;`, `?`, `!` and within guillemets."""
    parts = _CODE.split(text)
    return "".join(part if at % 2 else _BESIDE.sub(_NO_BREAK, part) for at, part in enumerate(parts))

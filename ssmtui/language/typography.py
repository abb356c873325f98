"""How French is set: no line ends at the spaces beside its signs. It imports nothing: a build has no package yet."""

from __future__ import annotations

import re

_NO_BREAK = "\u00a0"
_BESIDE = re.compile(r"(?:(?<=[\w)}\]»”%'*…])|\A) (?=[:;?!»](?:[\s)\].,*]|$))|(?<=«) ")
_CODE = re.compile(r"(^```.*?^```|`[^`\n]*`)", re.DOTALL | re.MULTILINE)


def set_in_french(text: str) -> str:
    """A sentence, or a text in Markdown, whose spaces before `:`, `;`, `?`, `!` and within guillemets do not break."""
    parts = _CODE.split(text)
    return "".join(part if at % 2 else _BESIDE.sub(_NO_BREAK, part) for at, part in enumerate(parts))

"""JSON for people and programs: what cannot be seen stands in it as an escape, which means the same to both."""

from __future__ import annotations

import json
import re

from ssmtui.model.plain_text import printable

_BEYOND_ASCII = re.compile(r"[^\n -~]+")


def seen_json(value: object, indent: int | None = None) -> str:
    r"""A value as JSON: a control, format or surrogate character of it is an escape (`\u202e`), letters are letters."""
    return _BEYOND_ASCII.sub(_seen, json.dumps(value, ensure_ascii=False, indent=indent))


def _seen(found: re.Match[str]) -> str:
    text = found.group()
    if printable(text) == text:
        return text
    return "".join(each if printable(each) == each else json.dumps(each)[1:-1] for each in text)

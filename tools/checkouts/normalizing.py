"""List everything that may differ between two runs of the same code, each with its reason.

Varying letters and digits are replaced with as many others, so that the text around them does not move.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.checkouts.place import HOME

_ERRORS = "--- standard error"


@dataclass(frozen=True, slots=True)
class Varying:
    """A pattern of varying text, and the reason."""

    pattern: re.Pattern[str]
    why: str


VARYING = (
    Varying(re.compile(rf"{HOME}\w{{8}}"), "the home of a place is made by tempfile"),
    Varying(re.compile(r"127\.0\.0\.1:\d+"), "the simulator listens on any port that is free"),
    Varying(re.compile(r"\d{8}T\d{6}(?:\.\d{6})?Z(?:-[0-9a-f]{6})?"), "the time of a change, and a random part"),
    Varying(
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?"),
        "the simulated AWS lives in the present: what happened there did so a while ago",
    ),
    Varying(re.compile(r"\b[0-2]\d:[0-5]\d\b"), "the same, told without the day"),
)

_LINK_ID = re.compile(r"\]8;id=\d+;")
"""A terminal joins the lines of a link by this random number, of varying length."""

_LETTERS = str.maketrans("0123456789abcdefghijklmnopqrstuvwxyz_", "0" * 37)


def normalized(page: str, kept: str) -> str:
    """Return the text of a page without varying parts. A stream of objects is reduced to its result, ordered by id."""
    if page == "ndjson":
        kept = "\n".join(_settled(kept.splitlines()))
    kept = _LINK_ID.sub("]8;id=0;", kept)
    for each in VARYING:
        kept = each.pattern.sub(lambda found: found[0].translate(_LETTERS), kept)
    return kept


def _settled(lines: list[str]) -> Iterator[str]:
    """Yield the last of all objects with one id, independent of the order of responses; each over several lines.

    A finding that no node names any more was withdrawn: whether it was ever reported depends on timing too.
    """
    objects: dict[tuple[str, str], Mapping[str, Any]] = {}
    others: list[str] = []
    for line in lines:
        if line.startswith('{"event": '):
            told = json.loads(line)
            objects[told["event"], str(told.get("id") or told.get("region"))] = told
        else:
            others.append(line)
    cut = others.index(_ERRORS) if _ERRORS in others else len(others)
    yield from others[:cut]
    for _, told in sorted(objects.items(), key=lambda each: each[0]):
        nodes = [objects.get(("node", node), {}).get("findings", ()) for node in told.get("nodes", ())]
        if told["event"] != "finding" or not nodes or any(told["id"] in held for held in nodes):
            yield from json.dumps(told, ensure_ascii=False, indent=2).splitlines()
    yield from others[cut:]

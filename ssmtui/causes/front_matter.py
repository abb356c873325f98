"""Read the YAML front matter of a Markdown file. It imports no other module: the build loads it by its path."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

KEPT = "front_matters.json"

_FENCE = re.compile(r"^---[^\S\n]*(?:\n|\Z)", re.MULTILINE)


class Reason(ValueError):
    """Why a text is not a valid cause. The file is not known yet."""


class MissingFrontMatter(Reason):
    """A text without front matter."""


def split_front_matter(text: str) -> tuple[str, str]:
    """Return the YAML between the two `---` lines at the start, and the text after it. Raises MissingFrontMatter."""
    first = _FENCE.match(text)
    if first is None:
        raise MissingFrontMatter("it does not begin with a line ---")
    second = _FENCE.search(text, first.end())
    if second is None:
        raise MissingFrontMatter("no second line --- ends the front matter")
    return text[first.end() : second.start()], text[second.end() :]


def loaded(front: str, keys: frozenset[str]) -> Mapping[str, object]:
    """Return the front matter, which has only these keys. Raises Reason."""
    read = _kept().get(front) or read_yaml(front)
    if not isinstance(read, dict):
        raise Reason("the front matter is not a list of keys and values")
    if unknown := sorted(str(key) for key in read.keys() - keys):
        raise Reason(f"nobody reads {', '.join(unknown)}")
    return read


def read_yaml(front: str) -> object:
    """Parse a front matter as YAML. Raises Reason."""
    # Imported here: it takes about 15 ms, and prepared front matters do not need it.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        return YAML(typ="safe", pure=True).load(front)
    except YAMLError as error:
        raise Reason(f"the front matter is not YAML: {' '.join(str(error).split())}") from error


@cache
def _kept() -> Mapping[str, object]:
    """Return the front matters that a build has parsed, by their text; empty without a build."""
    try:
        kept: object = json.loads(Path(__file__).with_name(KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}

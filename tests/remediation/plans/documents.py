"""Random preferences documents: unknown keys, nested things, any white space, JSON and YAML."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import assume
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ssmtui.model.document_text import DocumentFormat, DocumentText, parse_document_text

KEYS = ("s3EncryptionEnabled", "cloudWatchEncryptionEnabled")
PLAIN = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
TEXT = st.text(PLAIN, max_size=12)
NAME = st.text(PLAIN, min_size=1, max_size=8).filter(lambda name: name not in KEYS and name != "<<")
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
NESTED = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=3),
    max_leaves=6,
)
SWITCH = st.sampled_from([True, False, "true", "false", "True", "FALSE"])


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as text, and as the data that it was made from."""

    text: str
    format: DocumentFormat
    data: dict[str, object]

    @property
    def document(self) -> DocumentText:
        return read(self.text, self.format)


def read(text: str, format_: DocumentFormat) -> DocumentText:
    """A text that can be read."""
    found = parse_document_text(text, format_)
    assert isinstance(found, DocumentText), found
    return found


@st.composite
def documents(
    draw: st.DrawFn,
    outer: Mapping[str, st.SearchStrategy[object]] | None = None,
    inputs: Mapping[str, st.SearchStrategy[object]] | None = None,
) -> Stored:
    """A document in which both switches stand among other inputs; these settings too, where any are given."""
    data = draw(_data(outer or {}, inputs or {}))
    if draw(st.booleans()):
        return Stored(draw(_json(data)), DocumentFormat.JSON, data)
    return Stored(draw(_yaml(data)), DocumentFormat.YAML, data)


@st.composite
def _data(
    draw: st.DrawFn,
    fixed: Mapping[str, st.SearchStrategy[object]],
    settings: Mapping[str, st.SearchStrategy[object]],
) -> dict[str, object]:
    unknown = draw(st.dictionaries(NAME, NESTED, max_size=4))
    inputs: dict[str, object] = {**unknown, **{key: draw(SWITCH) for key in KEYS}, "s3BucketName": draw(TEXT)}
    inputs.update({name: draw(each) for name, each in settings.items()})
    names = draw(st.permutations(list(inputs)))
    outer: dict[str, object] = {"schemaVersion": "1.0", **draw(st.dictionaries(NAME, NESTED, max_size=2))}
    outer |= {name: draw(each) for name, each in fixed.items()}
    outer["inputs"] = {name: inputs[name] for name in names}
    return {name: outer[name] for name in draw(st.permutations(list(outer)))}


@st.composite
def _json(draw: st.DrawFn, data: object) -> str:
    space = st.text(" \t\n\r", max_size=3)
    indent = draw(st.none() | st.integers(0, 4) | st.just("\t"))
    comma, colon = f"{draw(space)},{draw(space)}", f"{draw(space)}:{draw(space)}"
    text = json.dumps(data, indent=indent, separators=(comma, colon), ensure_ascii=draw(st.booleans()))
    return f"{draw(space)}{text}{draw(space)}"


@st.composite
def _yaml(draw: st.DrawFn, data: object) -> str:
    if draw(st.integers(0, 4)) == 0:
        return json.dumps(data, indent=draw(st.none() | st.integers(0, 4)))
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = draw(st.booleans())
    yaml.default_flow_style = draw(st.sampled_from([True, False, None]))
    yaml.width = draw(st.sampled_from([20, 80, 4096]))
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.explicit_start = draw(st.booleans())
    yaml.indent(mapping=draw(st.integers(2, 5)))
    out = io.StringIO()
    yaml.dump(data, out)
    text = out.getvalue()
    # The emitter writes some plain keys (`:0`) that no YAML parser takes back; AWS would not have stored those.
    assume(_reads_back(text, data))
    head = draw(st.sampled_from(["", "# ours\n", "\n\n"]))
    tail = draw(st.sampled_from(["", "# the end", "\n"]))
    return f"{head}{_commented(text) if draw(st.booleans()) else text}{tail}"


def _commented(text: str) -> str:
    """With a comment behind every line that is a switch and nothing else."""
    lines = text.split("\n")
    return "\n".join(
        f"{line}   # audited" if any(line.strip().startswith(f"{key}:") for key in KEYS) else line for line in lines
    )


def _reads_back(text: str, data: object) -> bool:
    try:
        return bool(YAML(typ="safe", pure=True).load(text) == data)
    except YAMLError:
        return False

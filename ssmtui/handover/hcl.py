"""HashiCorp's configuration language: values and blocks as text, with nothing in them that it would expand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ssmtui.handover.seen_text import is_seen
from ssmtui.model.plan import JSON

_INDENT = "  "
_CHOMP = "chomp("


@dataclass(frozen=True, slots=True)
class BlockAddress:
    """The address of a block (`aws_iam_role.node`), or one of its attributes; made of names of ours."""

    text: str


@dataclass(frozen=True, slots=True)
class HclBlock:
    """A block: its type, its labels, its arguments in order, and the blocks in it."""

    kind: str
    labels: tuple[str, ...]
    arguments: Mapping[str, JSON | BlockAddress]
    blocks: tuple[HclBlock, ...] = ()


def block_lines(block: HclBlock, depth: int = 0) -> Iterator[str]:
    """The lines of a block."""
    indent = _INDENT * depth
    labels = "".join(f' "{label}"' for label in block.labels)
    yield f"{indent}{block.kind}{labels} {{"
    for group in _aligned(block.arguments):
        widest = max(len(name) for name, _ in group)
        for name, written in group:
            yield f"{indent}{_INDENT}{name:<{widest}} = {written}"
    for inner in block.blocks:
        yield ""
        yield from block_lines(inner, depth + 1)
    yield f"{indent}}}"


def _aligned(arguments: Mapping[str, JSON | BlockAddress]) -> Iterator[Sequence[tuple[str, str]]]:
    """Split arguments into runs whose equals signs `terraform fmt` aligns.

    A value of several lines ends a run. Its first line belongs to the run unless that line leaves a bracket open.
    """
    run: list[tuple[str, str]] = []
    for name, value in arguments.items():
        written = hcl_value(value)
        if written.startswith(_CHOMP):
            if run:
                yield run
            yield [(name, written)]
            run = []
            continue
        run.append((name, written))
        if "\n" in written:
            yield run
            run = []
    if run:
        yield run


def hcl_value(value: JSON | BlockAddress) -> str:
    """One value. A text of several lines becomes a here-document, with every byte of it."""
    match value:
        case BlockAddress(text):
            return text
        case str() if "\n" in value and is_seen(value):
            return _here_document(value)
        case str():
            return _quoted(value)
        case Mapping():
            members = ", ".join(f"{_quoted(name)} = {hcl_value(each)}" for name, each in value.items())
            return f"{{ {members} }}"
        case Sequence():
            return f"[{', '.join(hcl_value(each) for each in value)}]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    # Strings are escaped as in JSON, but that a character beyond the first plane has one escape of eight digits.
    written = "".join(_escaped(each) for each in text)
    return f'"{_unexpanded(written)}"'


def _escaped(character: str) -> str:
    if character in '"\\\n' or is_seen(character):
        return json.dumps(character, ensure_ascii=False)[1:-1]
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _unexpanded(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _here_document(text: str) -> str:
    """A here-document always ends in a newline: where the text does not, `chomp` takes it away."""
    whole = text.endswith("\n")
    body = _unexpanded(text[:-1] if whole else text)
    end = "EOT"
    while any(line.strip() == end for line in body.split("\n")):
        end += "_"
    document = f"<<{end}\n{body}\n{end}"
    return document if whole else f"{_CHOMP}{document}\n)"

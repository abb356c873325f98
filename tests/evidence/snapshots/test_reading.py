from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ssmtui.evidence.snapshots import snapshot_file
from ssmtui.evidence.snapshots.snapshot_file import InvalidSnapshot, read_snapshot
from ssmtui.model.fact import Unreadable
from ssmtui.model.node_facts import ManagedFleet
from ssmtui.model.scope import ScopeProblem
from tests.builders.fleet import a_node
from tests.evidence.snapshots.snapshots import a_record, a_snapshot, lines_in, packed, with_lines

Lines = list[dict[str, Any]]
HEAD, SCOPE, NODE, FACT = 0, 1, 2, 3


def test_a_snapshot_is_read_back_and_written_again_byte_by_byte() -> None:
    file = packed(a_snapshot(a_record(a_node("web-1"), a_node("web-2")), a_record(region="eu-west-1")))
    read = read_snapshot(io.BytesIO(file))
    assert (len(read.snapshot.scopes), read.left_out) == (2, 0)
    assert packed(read.snapshot) == file


def test_half_a_character_of_aws_is_kept_as_a_question_mark() -> None:
    read = read_snapshot(io.BytesIO(packed(a_snapshot(a_record(a_node("i-1", "web \ud800"))))))
    ((scope,), left_out) = read.snapshot.scopes, read.left_out
    assert ([each.name for each in scope.nodes], left_out) == (["web ?"], 0)


def test_one_that_was_unpacked_is_read_as_well() -> None:
    file = packed(a_snapshot())
    assert packed(read_snapshot(io.BytesIO(gzip.decompress(file))).snapshot) == file


def test_nothing_but_evidence_is_in_the_file() -> None:
    file = packed(a_snapshot())
    assert file[4:8] == b"\0\0\0\0"  # no time
    assert [line["part"] for line in lines_in(file)] == ["snapshot", "scope", "node", "fact", "fact", "end"]
    assert lines_in(file)[HEAD]["schema"] == "ssmtui.snapshot/1"


def put(line: int, **members: object) -> Callable[[Lines], None]:
    return lambda lines: lines[line].update(members)


def put_in(line: int, *path: str, value: object) -> Callable[[Lines], None]:
    def change(lines: Lines) -> None:
        told = lines[line]["value"]
        for step in path[:-1]:
            told = told[step]
        told[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put(HEAD, schema="ssmtui.snapshot/2"), "is a snapshot of a newer version of ssmtui"),
        (put(HEAD, schema="other/1"), "is not a snapshot of ssmtui"),
        (put(HEAD, schema=1), "line 1: not the head of a snapshot"),
        (put(HEAD, made="yesterday"), "line 1: not a datetime"),
        (lambda lines: lines.pop(HEAD), "is not a snapshot of ssmtui"),
        (lambda lines: lines.pop(), "is truncated"),
        (lambda lines: lines.append({"part": "fact"}), "has data after its end"),
        (put(SCOPE, of=1), "line 2: not a part of a snapshot"),
        (put_in(SCOPE, "scope", "account", value="$(id)"), "line 2: invalid account"),
        (put_in(SCOPE, "scope", "region", value="eu-west-3; id"), "line 2: invalid region"),
        (put_in(SCOPE, "scope", "partition", value="aws\n"), "line 2: invalid partition"),
        (put(NODE, of=7), "the scope is missing"),
        (put(NODE, of=-1), "the scope is missing"),
        (put_in(NODE, "key", "account", value="210987654321"), "a node of another scope"),
        (lambda lines: lines.insert(NODE, lines[NODE]), "duplicate node"),
        (lambda lines: lines.insert(FACT, lines[FACT]), "duplicate fact"),
        (put(FACT, kind=["Key"]), "not a part of a snapshot"),
    ],
)
def test_what_is_not_as_promised_is_refused_with_the_line(change: Callable[[Lines], None], told: str) -> None:
    with pytest.raises(InvalidSnapshot) as refused:
        read_snapshot(io.BytesIO(with_lines(change)))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "line 1 is not JSON"),
        (b"[]", "line 1 is not an object"),
        (gzip.compress(b""), "is truncated"),
        (gzip.compress(b"{" * 100_000), "line 1 is not JSON"),
        (gzip.compress(b'{"part":"snapshot","x":' + b"[" * 100_000), "line 1 is not JSON"),
        (gzip.compress(b'{"part": NaN}'), "line 1 is not JSON"),
        (gzip.compress(b'{"part": ' + b"9" * 10_000 + b"}"), "line 1 is not JSON"),
        (gzip.compress(b'{"part": "\xff"}'), "line 1 is not JSON"),
        (packed(a_snapshot())[:-20], "cannot be decompressed"),
        (b"\x1f\x8b" + b"nonsense", "cannot be decompressed"),
    ],
    ids=lambda given: given if isinstance(given, str) else "file",
)
def test_files_of_any_kind_are_refused_in_words(file: bytes, told: str) -> None:
    with pytest.raises(InvalidSnapshot) as refused:
        read_snapshot(io.BytesIO(file))
    assert told in str(refused.value)


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = packed(a_snapshot())
    monkeypatch.setattr(snapshot_file, "MAX_BYTES", 1_000)
    with pytest.raises(InvalidSnapshot, match="is larger than the limit for a snapshot"):
        read_snapshot(io.BytesIO(file))
    monkeypatch.setattr(snapshot_file, "MAX_LINE_BYTES", 10)
    with pytest.raises(InvalidSnapshot, match="is larger than the limit for a snapshot"):
        read_snapshot(io.BytesIO(gzip.compress(b"[" * 10_000_000)))


@pytest.mark.parametrize(
    "change",
    [
        put_in(FACT, "arn", value=7),
        put_in(FACT, "deletion", value={"$": "later"}),
        put(FACT, kind="Popen"),
        put(FACT, kind="Subnets"),
        put(FACT, own={"$": "map", "of": []}),
        put(FACT, value={"$": "__import__"}),
    ],
)
def test_a_fact_that_does_not_fit_is_left_out_whole(change: Callable[[Lines], None]) -> None:
    read = read_snapshot(io.BytesIO(with_lines(change)))
    assert (read.left_out, [fact.kind for fact in read.snapshot.scopes[0].facts]) == (1, [ManagedFleet])


def test_a_part_of_a_later_version_is_passed_over() -> None:
    read = read_snapshot(io.BytesIO(with_lines(lambda lines: lines.insert(FACT, {"part": "weather", "x": 1}))))
    assert (read.left_out, len(read.snapshot.scopes[0].facts)) == (1, 2)


FRAMED = {"Node": NODE, "NodeKey": NODE, "Instance": NODE, "Scope": SCOPE, "ScopeName": SCOPE, "ScopeHead": SCOPE}
HAS_DEFAULT = {("Instance", "instance_type"), ("Instance", "managed_by")}
"""Members that came later, with a default. If they cannot be read, the rest of the value is read."""


def held(told: Any, kind: str) -> Iterator[dict[str, Any]]:
    """The values of a type within a value."""
    if isinstance(told, dict) and told.get("$") == kind:
        yield told
    for each in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from held(each, kind)


def members(kind: str) -> list[str]:
    (first, *_) = held(lines_in(packed(a_snapshot()))[FRAMED[kind]]["value"], kind)
    return [name for name in first if name != "$"]


@pytest.mark.parametrize(("kind", "member"), [(kind, member) for kind in FRAMED for member in members(kind)])
@pytest.mark.parametrize("become", ["gone", 7, "\ud800"])
def test_a_scope_and_a_node_are_read_as_far_as_they_are_told(kind: str, member: str, become: object) -> None:
    def change(lines: Lines) -> None:
        lines[HEAD]["facts"] = "another"
        for each in held(lines[FRAMED[kind]]["value"], kind):
            each.update({member: become, "later": 1})
            if become == "gone":
                del each[member]

    read = read_snapshot(io.BytesIO(with_lines(change)))
    assert read.left_out >= 1 or read.is_adapted
    known = [node for scope in read.snapshot.scopes for node in scope.nodes]
    told = [*read.snapshot.errors, *(error for scope in read.snapshot.scopes for error in scope.head.errors)]
    assert known or [error.problem for error in told] == [ScopeProblem.REPORTED]
    if (kind, member) in HAS_DEFAULT:
        assert (known, read.left_out, read.is_adapted) == ([a_node("web-1")], 0 if become == "gone" else 1, True)
    elif kind == "Instance":
        assert isinstance(known[0].instance, Unreadable)


def test_lines_say_what_they_say_whatever_is_in_them() -> None:
    hostile = a_node("web-1", name="\x1b[2J[red]$(id)\n\"'")
    file = packed(a_snapshot(a_record(hostile)))
    assert read_snapshot(io.BytesIO(file)).snapshot.scopes[0].nodes[0].name == hostile.name
    assert len(gzip.decompress(file).splitlines()) == len(lines_in(file))
    assert json.loads(gzip.decompress(file).splitlines()[NODE])["value"]["name"] == hostile.name

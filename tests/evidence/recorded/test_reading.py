from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from ssmtui.evidence.recorded import packed_lines
from ssmtui.evidence.recorded.packed_lines import NotASnapshot
from ssmtui.evidence.recorded.reading import read_snapshot
from ssmtui.model.storage import Key
from tests.builders.fleet import a_node
from tests.evidence.recorded.snapshots import a_record, a_snapshot, lines_in, packed, with_lines

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
        (put(HEAD, schema="ssmtui.snapshot/2"), "is a snapshot of a later ssmtui"),
        (put(HEAD, schema="other/1"), "is no snapshot of ssmtui"),
        (put(HEAD, schema=1), "line 1: no head of a snapshot"),
        (put(HEAD, made="yesterday"), "line 1: no datetime"),
        (lambda lines: lines.pop(HEAD), "is no snapshot of ssmtui"),
        (lambda lines: lines.pop(), "was cut off"),
        (lambda lines: lines.append({"part": "fact"}), "goes on after its end"),
        (put(SCOPE, of=1), "line 2: no part of a snapshot"),
        (put(SCOPE, value=[]), "line 2: no ScopeHead"),
        (put_in(SCOPE, "scope", "account", value="$(id)"), "line 2: no account"),
        (put_in(SCOPE, "scope", "region", value="eu-west-3; id"), "line 2: no region"),
        (put_in(SCOPE, "scope", "partition", value="aws\n"), "line 2: no partition"),
        (put(NODE, of=7), "of a scope that is not there"),
        (put(NODE, of=-1), "of a scope that is not there"),
        (put_in(NODE, "key", "account", value="210987654321"), "a node of another scope"),
        (put_in(NODE, "name", value=7), "Node.name is of another type"),
        (lambda lines: lines.insert(NODE, lines[NODE]), "a node that is there twice"),
        (lambda lines: lines.insert(FACT, lines[FACT]), "a fact that is there twice"),
        (put(FACT, kind="Popen"), "no kind of fact"),
        (put(FACT, kind="Subnets"), "no Subnets"),
        (put(FACT, kind=["Key"]), "no part of a snapshot"),
        (put(FACT, own={"$": "map", "of": []}), "what tells a fact from others cannot be told apart"),
        (put(FACT, value={"$": "__import__"}), "__import__ is no type of a snapshot"),
    ],
)
def test_what_is_not_as_promised_is_refused_with_the_line(change: Callable[[Lines], None], told: str) -> None:
    with pytest.raises(NotASnapshot) as refused:
        read_snapshot(io.BytesIO(with_lines(change)))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "line 1 is no JSON"),
        (b"[]", "line 1 is no object"),
        (gzip.compress(b""), "was cut off"),
        (gzip.compress(b"{" * 100_000), "line 1 is no JSON"),
        (gzip.compress(b'{"part":"snapshot","x":' + b"[" * 100_000), "line 1 is no JSON"),
        (gzip.compress(b'{"part": NaN}'), "line 1 is no JSON"),
        (gzip.compress(b'{"part": ' + b"9" * 10_000 + b"}"), "line 1 is no JSON"),
        (gzip.compress(b'{"part": "\xff"}'), "line 1 is no JSON"),
        (with_lines(put_in(NODE, "name", value="\ud800")), "line 3: no text"),
        (packed(a_snapshot())[:-20], "cannot be unpacked"),
        (b"\x1f\x8b" + b"nonsense", "cannot be unpacked"),
    ],
    ids=lambda given: given if isinstance(given, str) else "file",
)
def test_files_of_any_kind_are_refused_in_words(file: bytes, told: str) -> None:
    with pytest.raises(NotASnapshot) as refused:
        read_snapshot(io.BytesIO(file))
    assert told in str(refused.value)


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = packed(a_snapshot())
    monkeypatch.setattr(packed_lines, "MOST_BYTES", 1_000)
    with pytest.raises(NotASnapshot, match="holds more than a snapshot may"):
        read_snapshot(io.BytesIO(file))
    monkeypatch.setattr(packed_lines, "LONGEST_LINE", 10)
    with pytest.raises(NotASnapshot, match="holds more than a snapshot may"):
        read_snapshot(io.BytesIO(gzip.compress(b"[" * 10_000_000)))


def test_a_fact_of_another_version_that_does_not_fit_is_left_out() -> None:
    def older(lines: Lines) -> None:
        lines[HEAD]["ssmtui"] = "0.0.1"
        lines[FACT]["value"]["rotated"] = True

    read = read_snapshot(io.BytesIO(with_lines(older)))
    assert read.left_out == 1
    assert [fact.kind for fact in read.snapshot.scopes[0].facts if fact.kind is Key] == []
    with pytest.raises(NotASnapshot, match="Key has other members"):
        read_snapshot(io.BytesIO(with_lines(lambda lines: lines[FACT]["value"].update(rotated=True))))


def test_lines_say_what_they_say_whatever_is_in_them() -> None:
    hostile = a_node("web-1", name="\x1b[2J[red]$(id)\n\"'")
    file = packed(a_snapshot(a_record(hostile)))
    assert read_snapshot(io.BytesIO(file)).snapshot.scopes[0].nodes[0].name == hostile.name
    assert len(gzip.decompress(file).splitlines()) == len(lines_in(file))
    assert json.loads(gzip.decompress(file).splitlines()[NODE])["value"]["name"] == hostile.name

"""Provide hostile texts, and list what must never be shown or written of them."""

from __future__ import annotations

import json
import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from hypothesis import strategies as st

from ssmtui.iam_policy.document import Policy
from ssmtui.model.document_text import DocumentText, MalformedText
from ssmtui.model.node import NodeKey
from ssmtui.remediation.apply.journal import FILE_NAME
from ssmtui.text.printable import printable
from tests.ui.scripted_inquiry import ScriptedInquiry

KINDS = {
    "Rich and Textual markup": "[red]x[/] [@click=app.quit]y[/] [link=http://e.example]z[/link] $text-error [/] [[",
    "colours and cursor": "\x1b[777m\x1b[2J\x1b[H\x1b[1A\r\x08",
    "the clipboard (OSC 52)": "\x1b]52;c;Y2FuYXJ5\x07",
    "a title and a link (OSC 0, 8)": "\x1b]0;canary\x1b\\\x1b]8;;http://e.example\x07x",
    "device control and APC": "\x1bPcanary\x1b\\\x1b_canary\x1b\\\x1bc",
    "C1": "\x9b777m\x9d52;c;Y2FuYXJ5\x9c\x90canary\x9c\x85\x84",
    "bidirectional": "a\u202egpj.exe\u202c\u2066b\u2069\u200f\u061c",
    "zero width and unseen": "a\u200bb\u200d\u2060\ufeff\u00ad\u034f\u3164\u115f\ufe00\U000e0101\U000e0041",
    "NUL, DEL, BEL": "\x00\x7f\x07\x0e\x0f",
    "ends of lines": "\n\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029x",
    "a private and an unassigned character": "\ue000\U000f0000\U0010ffff\u0378",
    "combining": "a" + "\u0301\u0489\u20dd" * 30,
    "wide": "数据库 👩‍👩‍👧‍👦 ﷽ 𒐫",
    "the shell": "$(touch /tmp/canary) `id` ; rm -rf ~ | & > < \\ \" ' ! * ? {a,b} ~ # $IFS ${x}",
    "PowerShell": "'; Remove-Item -Recurse ~ #\u2019\u2018\u201a\u201b$(calc) @{a=1} `n \"@ '@\n'@\n\"@",
    "here-documents": "EOF\nEOT\nEOF_\n'@\n\"@\n```\n~~~\n---\n...",
    "Terraform": '${file("/etc/passwd")} %{ if true } $${x} %%{y} EOT',
    "CloudFormation": '{"Fn::Sub": "${AWS::AccountId}"} !Sub ${x} {{resolve:ssm:x}}',
    "HTML": "</script></title><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>&amp;&#0;<!--]]>",
    "XML": "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;<?xml?>\ufffe",
    "Markdown": "| a | `b` ``` [x](javascript:y) ![i](http://e.example) <b> *c* _d_ ~~e~~ #1 @octocat\n# h\n- l\n1. n",
    "a spreadsheet's formula": "=cmd|' /C calc'!A0",
    "another formula": "\t=1+1",
    "a workflow's command": "\n::error::x%0A::set-output name=a::b\n##[command]x",
    "a path": "../../../../etc/passwd\x00.txt",
    "an address": "file:///etc/passwd https://169.254.169.254/ --endpoint-url=http://e.example -x",
    "a format": "%s %n {0.__class__} {node} %(x)s {{",
    "YAML": "&a [*a] !!python/object/apply:os.system [id] <<: *x\n--- \t: - ? | >",
    "JSON": '"}],"x":[{"\\u0000":NaN',
    "empty": "",
    "a space": " \u00a0\u3000 ",
}
"""One text of each kind. `777` and `canary` occur where a terminal would have run a command."""

SURROGATES = "half \ud800 \udfff\udc80 of a character"
"""Characters that JSON can express and UTF-8 cannot."""

LARGE = 65_536

PIECES = st.sampled_from([*KINDS.values(), SURROGATES, "web-1", "arn:aws:iam::123456789012:role/web", "é"])
ANY = st.characters()


def hostile(longest: int = 200) -> st.SearchStrategy[str]:
    """Return a strategy for pieces of these, characters of every kind, and combinations."""
    of_pieces = st.lists(PIECES | st.text(ANY, max_size=8), max_size=4).map("".join)
    return (of_pieces | st.text(ANY, max_size=40)).map(lambda text: text[:longest])


def encodable() -> st.SearchStrategy[str]:
    """Return the strategy for texts that UTF-8 can express: those from AWS or from a file."""
    return hostile().map(lambda text: text.encode(errors="replace").decode())


_TAGS = ("bool", "int", "float", "timestamp", "binary", "null", "omap", "set", "pairs", "merge", "seq", "map", "str")

LAUGHS = "l0: &l0 [x]\n" + "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)) + "\n"

_LEVELS = 20_000
BEYOND = (
    *(
        f"{begin}{'[' * _LEVELS}{']' * _LEVELS}{end}"
        for begin, end in (("", ""), ('{"a":', "}"), ("a = ", ""), ("a: ", ""))
    ),
    '{"a":' * _LEVELS + "1" + "}" * _LEVELS,
    f"a{'.a' * _LEVELS} = 1",
    f"[{'a.' * _LEVELS}a]\n",
    "- " * 3_000,
    "".join(f"{' ' * n}a:\n" for n in range(300)),
    f'{{"Statement": "{"x" * LARGE}"}}',
    f'{{"schemaVersion": "1.0", "inputs": {{"kmsKeyId": "{"x" * LARGE}"}}}}',
    "x" * LARGE,
    "\x1b" * LARGE,
    "\u202e" * LARGE,
    "." * LARGE,
    "sessionid=" * (LARGE // 10),
    "'" * LARGE,
    '"' * LARGE,
    "&" * LARGE,
    "#" * LARGE,
    "\n" * LARGE,
    "a = [\n" + "1,\n" * 5_000 + "]\n",
    f"a = {'9' * 10_000}",
    f'{{"a": {"9" * 10_000}}}',
    '{"a": 1e999, "b": NaN, "c": -Infinity}',
    f"[[mute]]\nnode = '{'*a' * 100}b'\nreason = 'x'\nexpires = 2030-01-01\n",
    LAUGHS,
    "a: &a [*a]\n",
    "a: &a {<<: *a}\n",
    "a: *nobody\n",
    *(f"a: !!{tag} {value}\n" for tag in _TAGS for value in ("x", "''", "_", "[1]", "{a: b}", "999999999999999999999")),
)
"""Extremely long texts, one of each kind."""

_WORDS = st.sampled_from(
    [
        "Statement",
        "Effect",
        "Allow",
        "Action",
        "Resource",
        "Condition",
        "schemaVersion",
        "1.0",
        "inputs",
        "kmsKeyId",
        "schema",
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | hostile(60)
_DATA = st.recursive(
    _LEAVES, lambda held: st.lists(held, max_size=4) | st.dictionaries(_WORDS | hostile(20), held, max_size=4)
)


def documents() -> st.SearchStrategy[str]:
    """Return a strategy for JSON with hostile keys and values, in one line or many, complete or cut."""
    whole = st.builds(
        lambda data, indent, ascii_: json.dumps(data, indent=indent, ensure_ascii=ascii_),
        _DATA,
        st.sampled_from([None, 2]),
        st.booleans(),
    )
    cut = st.builds(lambda text, share: text[: int(len(text) * share)], whole, st.floats(0, 1))
    yaml = st.builds(lambda key, value: f"schemaVersion: '1.0'\n{key}: {value}\n", _WORDS, hostile(80))
    toml = st.builds(lambda key, value: f"{key} = {json.dumps(value)}\n", _WORDS, hostile(80))
    return whole | cut | yaml | toml | hostile(300) | st.sampled_from([*KINDS.values()])


_NO_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def unseen(text: str) -> list[str]:
    """Return the parts of a text that a terminal would obey, or show as nothing, except line ends."""
    return sorted({each for each in text if each != "\n" and unicodedata.category(each) in _NO_TEXT})


def unprintable_lines(text: str) -> list[str]:
    """Return the lines of a text that `printable` would change."""
    return [line for line in text.split("\n") if printable(line) != line]


_ALLOWED = re.compile(
    rb"""\x1b\[[0-9;:?=<>]*[a-zA-Z]              # CSI: Textual's own modes, colours, cursor
    | \x1b\[[?][0-9;]*\$p                        # which modes there are
    | \x1b\[[>=?]?[0-9;]*[ ]?[qupcn]             # what terminal it is
    | \x1b\]52;c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)  # the clipboard, in base64
    | \x1b\]22;[a-z-]*\x07                      # the pointer's form
    | \x1b\]8;[a-z0-9=:._-]*;[!-~]*(?:\x07|\x1b\\)  # links of pages
    | \x1b_G[!-~]*\x1b\\                         # whether it knows pictures
    | \x1bP\+q[0-9A-Fa-f;]*\x1b\\ | \x1b[=>78MDE]
    """,
    re.VERBOSE,
)
_TEXT_OF_A_CANARY = (b"777m", b"52;c;Y2FuYXJ5", b"]0;canary", b"Pcanary", b"_canary")
_BEHIND_ESC = re.compile(rb"\x1b[^\x1b]{0,24}")


def of_a_terminal(raw: bytes) -> Iterator[str]:
    """Yield the bytes sent to a terminal that are neither Textual's own sequences nor visible text."""
    for found in _BEHIND_ESC.finditer(raw):
        for canary in _TEXT_OF_A_CANARY:
            if found.group()[1:].startswith(canary) or found.group()[2:].startswith(canary):
                yield f"{found.group()!r} is a command of a text"
    for found in re.finditer(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)", raw):
        if wrong := [each for each in unseen(b64decode(found.group(1)).decode()) if each < "\xa0"]:
            yield f"{wrong} was copied"
    left = _ALLOWED.sub(b"", raw)
    text = left.decode("utf-8", errors="surrogateescape")
    for character in sorted(set(text) - set("\r\n\x08\t")):
        if unicodedata.category(character) in _NO_TEXT:
            place = text.index(character)
            yield f"{character!r} came to the terminal: {text[max(place - 20, 0) : place + 20]!r}"


_OURS = frozenset(
    {
        *(
            "cause",
            "root_cause",
            "fix",
            "fixes",
            "finding_ids",
            "id",
            "ids",
            "node_id",
            "region",
            "account",
            "partition",
        ),
        *("dns_suffix", "operation", "service", "path", "calls", "api_calls", "slug", "command", "nodes", "expected"),
        *(
            "action",
            "actions",
            "needs",
            "source",
            "plan",
            "kind",
            "stale",
            "way_back",
            "guards",
            "target",
            "confirmation",
        ),
    }
)
"""Members that control ssmtui, or whose format AWS fixes."""
_WHOLE = DocumentText | MalformedText | NodeKey | Policy | Enum | type


def poisoned(value: Any, by: str) -> Any:
    """Return the value with the text appended to every foreign text; equal texts stay equal."""
    match value:
        case str():
            return value + by if value else value
        case bool() | int() | float() | None:
            return value
        case tuple() if hasattr(value, "_fields"):
            return value
        case tuple() | list() | frozenset() | set():
            return type(value)(poisoned(each, by) for each in value)
        case Mapping():
            return {
                (each if isinstance(each, str) else poisoned(each, by)): poisoned(held, by)
                for each, held in value.items()
            }
    if isinstance(value, _WHOLE) or not is_dataclass(value) or isinstance(value, type):
        return value
    told = {each.name: getattr(value, each.name) for each in fields(value) if each.init and each.name not in _OURS}
    try:
        return replace(value, **{name: poisoned(held, by) for name, held in told.items()})
    except (TypeError, ValueError):
        return value


def poisoned_inquiry(handle: ScriptedInquiry, by: str) -> ScriptedInquiry:
    """Return a scripted diagnosis of such a world."""
    events = handle.events
    told = [events.get_nowait() for _ in range(events.qsize())]
    handle._events = SimpleQueue()
    handle.tell(*(poisoned(each, by) for each in told))
    for name in ("plans", "regions", "facts", "pages", "unread", "ending", "known_accesses", "forecasts"):
        setattr(handle, name, poisoned(getattr(handle, name), by))
    return handle


def poison_journal(folder: Path, by: str) -> None:
    """Append the text to the readable parts of a journal's entries."""
    file = folder / FILE_NAME
    if not file.exists():
        return
    entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for entry in entries:
        for name in ("title", "why", "undo", "before", "after", "fix"):
            if isinstance(entry.get(name), str) and entry[name]:
                entry[name] += by
    file.write_text("".join(json.dumps(each) + "\n" for each in entries), encoding="utf-8")

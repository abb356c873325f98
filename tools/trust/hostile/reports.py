"""Check hostile text in every report format: its content must survive, and its structure must be a plain report's."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from markdown_it import MarkdownIt

from ssmtui.report.format import all_formats
from ssmtui.report.report_json import parts_of
from tests.report.papers import ROLE, APaper, a_report
from tests.report.written_reports import a_finding_object, a_node_object, a_row
from tools.trust.hostile.texts import unprintable_lines

PLAIN = "plain"


def paper(text: str) -> APaper:
    """Return a report in which this text replaces every foreign text."""
    finding = a_finding_object(
        ROLE,
        ["i-bad"],
        summary=text or " ",
        subject={"kind": "bucket", "id": f"{ROLE}{text}"},
        evidence=[{"fact": text or " ", "source": text or " "}],
    )
    node = a_node_object(
        "i-bad",
        verdict="fail",
        root_cause=finding["cause"],
        findings=[finding["id"]],
        name=text,
        platform=text,
        agent_version=text,
    )
    return APaper([node], [finding], [a_row(profile=text, caller=text, error=text)])


def written(text: str, format_: str) -> str:
    """Return the report in a format."""
    return "".join(f"{line}\n" for line in all_formats()[format_].lines(a_report(paper(text))))


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the reports of a text, in every format."""
    for name in all_formats():
        told = written(text, name)
        if wrong := unprintable_lines(told):
            yield f"{name} holds what cannot be seen: {wrong[0][:200]!r}"
        if name not in _LOOKS:
            yield f"nobody looks at the format {name}"
            continue
        yield from (f"{name}: {fault}" for fault in _LOOKS[name](told, text))


def _json(told: str, text: str) -> Iterator[str]:
    said = json.loads(told)
    if (
        said["nodes"][0]["name"] != text
        or said["findings"][0]["summary"] != (text or " ")
        or said["scopes"][0]["error"] != text
    ):
        yield "it says something else"
    if text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text):
        parts = list(parts_of(io.BytesIO(told.encode())))
        if not any(getattr(part.part, "name", None) == text for part in parts):
            yield "it is not read back"


def _ndjson(told: str, text: str) -> Iterator[str]:
    said = [json.loads(line) for line in told.split("\n")[:-1]]
    if [each["event"] for each in said] != ["scope", "finding", "node", "report", "summary"]:
        yield f"other lines: {[each['event'] for each in said]}"
    elif said[2]["name"] != text:
        yield "it says something else"


def _sarif(told: str, _text: str) -> Iterator[str]:
    run = json.loads(told)["runs"][0]
    (result,) = run["results"]
    message = result["message"]["text"]
    # Outside the escaped parts there is no link and no placeholder.
    bare = re.sub(r"\\[\\\[\]]|\{\{|\}\}", "", message)
    if re.search(r"[\[\]{}]", bare):
        yield f"a message with a link or a placeholder: {message!r}"
    for location in result["locations"]:
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        if not re.fullmatch(r"aws/[\w%.~/-]*", uri) or "/../" in f"{uri}/":
            yield f"a path that leads elsewhere: {uri!r}"


_IN_A_CELL = 32_767
"""The most characters of an Excel cell."""


def _csv(told: str, _text: str) -> Iterator[str]:
    csv.field_size_limit(2**26)
    rows = list(csv.reader(io.StringIO(told)))
    if len(rows) != 3 or len({len(row) for row in rows}) != 1:
        yield f"other rows: {[len(row) for row in rows]}"
    longest = max(len(cell.encode("utf-16-le", "surrogatepass")) // 2 for row in rows for cell in row)
    if longest > _IN_A_CELL:
        yield f"a cell of {longest} characters"
    if formulas := [
        cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"))
    ]:
        yield f"a formula: {formulas[0]!r}"


def _junit(told: str, _text: str) -> Iterator[str]:
    def form(xml: str) -> list[tuple[str, tuple[str, ...]]]:
        return [(each.tag, tuple(each.attrib)) for each in ElementTree.fromstring(xml).iter()]  # noqa: S314 - ours

    if form(told) != form(written(PLAIN, "junit")):
        yield "other elements"


class _Form(HTMLParser):
    """The elements of a page with their attribute names, and the targets of their links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.form: list[tuple[object, ...]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = {"href", "src", "style", "class"}
        values = tuple(sorted(((n, v) if n in kept and not (v or "").startswith("#") else (n,)) for n, v in attrs))
        self.form.append((tag, values))

    def handle_comment(self, data: str) -> None:
        self.form.append(("comment", data))


def _html(told: str, _text: str) -> Iterator[str]:
    if _Form(told).form != _Form(written(PLAIN, "html")).form:
        yield "other elements"


def _markdown(told: str, _text: str) -> Iterator[str]:
    def form(page: str) -> list[tuple[Any, ...]]:
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").parse(page)
        inline = [child for token in tokens for child in token.children or ()]
        return [(t.type, t.tag, str(t.attrGet("href") or "")) for t in (*tokens, *inline) if t.type not in _RUNS]

    # The page leaves out what is too long, with a note: then it has less than a plain page.
    is_whole = "*Some results are omitted here" not in told
    if is_whole and form(told) != form(written(PLAIN, "markdown")):
        yield "other elements"
    if re.search(r"(?<![\w\\`&#;])[@#](?=\w)", re.sub(r"`[^`]*`", "", told)):
        yield "somebody, or an issue, is mentioned"


_RUNS = frozenset({"text", "text_special", "softbreak", "code_inline", "strong_open", "strong_close"})


def _github(told: str, _text: str) -> Iterator[str]:
    plain = written(PLAIN, "github").split("\n")
    lines = told.split("\n")
    if [line[:9] for line in lines] != [line[:9] for line in plain]:
        yield f"other commands: {lines}"
    if any(line and not re.match(r"::(error|warning|notice) title=[^,:]*::", line) for line in lines):
        yield f"a command with other properties: {lines}"


def _table(told: str, _text: str) -> Iterator[str]:
    if "[31m" in told and "\x1b" in told:
        yield "a colour"
    if told.count("\n") > written(PLAIN, "table").count("\n") + 2:
        yield "more lines"


_LOOKS = {
    "json": _json,
    "ndjson": _ndjson,
    "sarif": _sarif,
    "csv": _csv,
    "junit": _junit,
    "html": _html,
    "markdown": _markdown,
    "github": _github,
    "table": _table,
}

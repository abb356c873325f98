"""Check hostile text in stored files: they have the same content when read back, or are refused with a message."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.cli import completion
from ssmtui.cli.connect import parameters_in
from ssmtui.cli.errors import UsageError
from ssmtui.cli.report_treatment import read_mutes
from ssmtui.config.file import ConfigError, read_config
from ssmtui.config.toml_text import InvalidToml, key_places, parse_toml
from ssmtui.diagnosis.explanation import PossibleCause
from ssmtui.evidence.snapshots.snapshot_file import InvalidSnapshot, read_snapshot
from ssmtui.iam_policy.document import MalformedPolicy, parse_policy
from ssmtui.model.document_text import DocumentFormat, DocumentText, parse_document_text
from ssmtui.model.preferences import PreferencesDocument, parse_preferences
from ssmtui.remediation.apply.journal import FILE_NAME, Journal, damage_message
from ssmtui.remediation.apply.journal_entries import MalformedEntryError, read_line
from ssmtui.report.catalogue import Explanation, explanation_lines
from ssmtui.report.change_text import change_lines, journal_lines
from ssmtui.report.report_json import NotAReportError, TruncatedReportError, parts_of
from ssmtui.session.data_channel.payloads import MalformedPayload, parse
from ssmtui.text.json_text import holds_too_many_values
from ssmtui.text.printable import pasteable
from ssmtui.ui.state.ui_state import MalformedUiState, ui_state_from_json
from tests.builders.fleet import a_node
from tests.evidence.snapshots.snapshots import a_record, a_snapshot, packed
from tools.trust.hostile.handovers import plans
from tools.trust.hostile.texts import unprintable_lines, unseen

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong for a text in the journal, its list and preview, the clipboard, and `explain`."""
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        journal = Journal(folder, lambda: NOON)
        written = [journal.plan(plan) for plan in plans(text)]
        read = journal.read()
        if [*reversed(read.changes)] != written or read.damaged:
            yield f"the journal says something else: {read.changes!r}"
        lines = [*journal_lines(read.changes), *(line for each in plans(text) for line in change_lines(each))]
        if wrong := [line for line in lines if unprintable_lines(line) or "\n" in line]:
            yield f"a line of the journal is not fit to print: {wrong[0][:200]!r}"
        # A line written by somebody else.
        with (folder / FILE_NAME).open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{text}\n")
        told = damage_message(Journal(folder).read())
        if unprintable_lines(told):
            yield f"what is said of a strange line: {told!r}"
    if wrong := [each for each in unseen(pasteable(text)) if each < "\xa0" or "\ud800" <= each <= "\udfff"]:
        yield f"the clipboard holds {wrong}"
    node = a_node("i-1", text)
    read_back = read_snapshot(io.BytesIO(packed(a_snapshot(a_record(node))))).snapshot.scopes
    if [each.name for scope in read_back for each in scope.nodes] != [text.encode(errors="replace").decode()]:
        yield "a snapshot says something else"
    possible = {each.cause: PossibleCause(each, None) for each in match_text(text, catalogue().values())}
    printed = explanation_lines(Explanation(possible), catalogue(), 80)
    if wrong := [line for line in printed if unprintable_lines(_OWN.sub("", line))]:
        yield f"explain prints {wrong[0][:200]!r}"


_OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\\\")
"""The colours and links of a cause's page."""


def _file(read: Callable[[Path], object]) -> Callable[[str], object]:
    def of_text(text: str) -> object:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "file.toml"
            file.write_text(text, encoding="utf-8", errors="surrogatepass")
            return read(file)

    return of_text


def _document(format_: DocumentFormat) -> Callable[[str], object]:
    def read(text: str) -> object:
        told = parse_document_text(text, format_)
        found = parse_preferences(
            PreferencesDocument("arn:aws:ssm:eu-west-3:1:document/x", format_, "1", "1", told, text)
        )
        return isinstance(told, DocumentText) and holds_too_many_values(told.said), found

    return read


def _toml(text: str) -> object:
    said = parse_toml(text)
    return said, key_places(text)


def _bytes(read: Callable[[io.BytesIO], object]) -> Callable[[str], object]:
    return lambda text: read(io.BytesIO(text.encode(errors="surrogatepass")))


READERS: dict[str, tuple[Callable[[str], object], tuple[type[Exception], ...]]] = {
    "a policy": (parse_policy, (MalformedPolicy, RecursionError)),
    "a document in JSON": (_document(DocumentFormat.JSON), ()),
    "a document in YAML": (_document(DocumentFormat.YAML), ()),
    "TOML": (_toml, (InvalidToml,)),
    "the configuration": (_file(read_config), (ConfigError,)),
    "a mute file": (_file(read_mutes), (UsageError,)),
    "a parameter": (lambda text: parameters_in((text,)), (UsageError,)),
    "a report": (_bytes(lambda file: list(parts_of(file))), (NotAReportError, TruncatedReportError)),
    "a snapshot": (_bytes(read_snapshot), (InvalidSnapshot,)),
    "a line of the journal": (read_line, (MalformedEntryError,)),
    "habits": (ui_state_from_json, (MalformedUiState,)),
    "remembered nodes": (_file(completion._read), ()),
    "a payload of a session": (parse, (MalformedPayload,)),
    "an error": (lambda text: match_text(text, catalogue().values()), ()),
}
"""The parsers of foreign input, with the exception that each raises for invalid input."""


def reading_faults(text: str) -> Iterator[str]:
    """Yield the readers that raise another exception, or whose message contains terminal sequences."""
    for name, (read, refusals) in READERS.items():
        try:
            read(text)
        except refusals as refused:
            told = getattr(refused, "message", str(refused))
            if name in _ESCAPED and unprintable_lines(told):
                yield f"{name} is refused by {told[:200]!r}"
        except Exception as error:  # noqa: BLE001 - which is what is looked for
            yield f"{name} ended by {error!r}"[:300]


_ESCAPED = frozenset({"a parameter", "a report", "a snapshot"})
"""Readers whose message is shown unchanged. The messages of the others pass through `complain`, which escapes them."""

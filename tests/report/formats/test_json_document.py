"""The document is written piece by piece, and is the one that it would be at once."""

from __future__ import annotations

import json

from ssmtui.diagnosis.events import NodeListed
from ssmtui.report.format import Report
from ssmtui.report.formats.json_document import document_lines
from tests.builders.fleet import NOON, a_node
from tests.report.fleet import SCOPE, the_fleet
from tests.report.whole_document import report_document


def test_a_big_document_comes_in_small_pieces_and_reads_the_same() -> None:
    state = the_fleet()
    for number in range(2000):
        state.apply(NodeListed(SCOPE, a_node(f"i-{number:017x}", 'web "é"\n')))
    pieces = list(document_lines(Report(state, dict, NOON, lambda text, _: text)))
    assert "\n".join(pieces) == json.dumps(report_document(state, NOON), ensure_ascii=False, indent=2)
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 70_000


def test_a_small_document_is_one_piece() -> None:
    state = the_fleet()
    (whole,) = document_lines(Report(state, dict, NOON, lambda text, _: text))
    assert json.loads(whole) == report_document(state, NOON)

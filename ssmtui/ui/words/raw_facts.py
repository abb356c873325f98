"""Everything that was read for a node, as it was read."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.diagnosis.inquiry import FactSeen
from ssmtui.language import say
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Block, Prose, lines_of, paragraph


def raw_prose(facts: Sequence[FactSeen]) -> Prose:
    """The facts one after another, each with the API that it came from."""
    if not facts:
        return (paragraph(say("Nothing has been read for this node yet.")),)
    blocks: list[Block] = []
    for fact in facts:
        blocks.append(
            paragraph((fact.name, Ink.HEADING), (f"  {fact.source}" if fact.source else "", Ink.CODE), gap=True)
        )
        blocks += lines_of(fact.value, indent=2)
    return tuple(blocks)

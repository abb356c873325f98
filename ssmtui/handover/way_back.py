"""What a way back needs where no program carries it out: content that AWS had before, told apart from it."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.model.document_text import DocumentFormat, says_the_same
from ssmtui.model.plan import Call

_FORMATS = {each.value: each for each in DocumentFormat}


def repeatable(call: Call) -> Call:
    """The call, with one newline more at the end of a document's content: AWS refuses what it had before.

    docs/facts/preferences.md §2. Where a newline would change what the document says, it stays as it is.
    """
    content, stored = call.parameters.get("Content"), call.parameters.get("DocumentFormat")
    if call.operation != "UpdateDocument" or not isinstance(content, str) or not isinstance(stored, str):
        return call
    format_ = _FORMATS.get(stored)
    if format_ is None or not says_the_same(content, f"{content}\n", format_):
        return call
    return replace(call, parameters={**call.parameters, "Content": f"{content}\n"})

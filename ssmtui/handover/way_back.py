"""What a way back needs where no program carries it out: content that AWS had before, told apart from it."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.model.plan import Call
from ssmtui.model.preferences import DocumentFormat
from ssmtui.model.preferences_text import PreferencesMalformed, parse_document


def repeatable(call: Call) -> Call:
    """The call, with one newline more at the end of a document's content: AWS refuses what it had before.

    docs/facts/preferences.md §2. Where a newline would change what the document says, it stays as it is.
    """
    content, stored = call.parameters.get("Content"), call.parameters.get("DocumentFormat")
    if call.operation != "UpdateDocument" or not isinstance(content, str) or not isinstance(stored, str):
        return call
    try:
        format_ = DocumentFormat(stored)
        same = parse_document(content, format_) == parse_document(f"{content}\n", format_)
    except (PreferencesMalformed, ValueError):
        same = False
    return replace(call, parameters={**call.parameters, "Content": f"{content}\n"}) if same else call

"""One value of a stored document written anew, proved to be the only thing that changed."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.fixes.preferences.editing import CannotEdit, Literal, only_one_value_changed
from ssmtui.fixes.preferences.json_edit import with_json_value
from ssmtui.fixes.preferences.yaml_edit import with_yaml_value
from ssmtui.language import say
from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, document_text
from ssmtui.model.preferences_text import INPUTS


def with_value(document: DocumentText, path: Sequence[str], literal: Literal) -> DocumentText:
    """The document with the value at `path` written as `literal` says; everything else stays byte for byte.

    Raises:
        CannotEdit: the value cannot be written without changing something else.

    """
    is_json = document.format is DocumentFormat.JSON
    written = with_json_value(document.text, path, literal) if is_json else with_yaml_value(document, path, literal)
    edited = document_text(written, document.format)
    if isinstance(edited, MalformedText):
        key = ".".join(path).removeprefix(f"{INPUTS}.")
        raise CannotEdit(say("{key} is written in a way that ssmtui does not change", key=key))
    if not only_one_value_changed(document.tokens, edited.tokens):
        raise CannotEdit(say("{path} cannot be changed alone", path=path[-1]))
    return edited

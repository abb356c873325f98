"""One value of a stored document written anew, proved to be the only thing that changed."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.fixes.preferences.editing import CannotEdit, Literal, only_one_value_changed
from ssmtui.fixes.preferences.json_edit import json_tokens, with_json_value
from ssmtui.fixes.preferences.yaml_edit import with_yaml_value, yaml_tokens
from ssmtui.language import say
from ssmtui.model.preferences import DocumentFormat
from ssmtui.model.preferences_text import parse_document


def with_value(text: str, format_: DocumentFormat, path: Sequence[str], literal: Literal) -> str:
    """The text with the value at `path` written as `literal` says; everything else stays byte for byte.

    Raises:
        PreferencesMalformed: what comes of it cannot be read.
        CannotEdit: the value cannot be written without changing something else.

    """
    if format_ is DocumentFormat.JSON:
        edited = with_json_value(text, path, literal)
        parse_document(edited, format_)
        alone = only_one_value_changed(json_tokens(text), json_tokens(edited))
    else:
        edited = with_yaml_value(text, path, literal)
        parse_document(edited, format_)
        alone = only_one_value_changed(yaml_tokens(text), yaml_tokens(edited))
    if not alone:
        raise CannotEdit(say("{path} cannot be changed alone", path=path[-1]))
    return edited

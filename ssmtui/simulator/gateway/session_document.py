"""The document of a session: its type, its settings and its properties, with the caller's parameters put in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.amazon_documents import amazon_documents
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.reality import preferences
from ssmtui.simulator.reality.preferences import DOCUMENT_NAME, SessionPreferences

_HOLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class ChosenDocument:
    """What a session is opened by."""

    name: str = DOCUMENT_NAME
    kind: str = "Standard_Stream"
    settings: SessionPreferences = field(default_factory=SessionPreferences)
    properties: Mapping[str, Any] = field(default_factory=dict)


def chosen_document(account: str, region: str, name: str, parameters: Mapping[str, Sequence[str]]) -> ChosenDocument:
    """The document that is named (by name or ARN), else the preferences of the Region.

    Raises AwsError where there is none of that name, or the parameters do not fit it.
    """
    bare = name.rpartition("document/")[2]
    if bare in {"", DOCUMENT_NAME} and not (bare and DOCUMENT_NAME not in state.hidden(account, region).documents):
        # What sessions were seen to use is the latest version, not the default one.
        return ChosenDocument(settings=preferences.in_force(account, region))
    document = state.hidden(account, region).documents.get(bare) or amazon_documents().get(bare)
    if document is None:
        raise AwsError("InvalidDocument", f"Document with name {bare} does not exist.")
    if document.type != "Session":
        raise AwsError("InvalidDocument", f"Document type {document.type} is not supported by StartSession.")
    content = preferences.content_of(document.default)
    told = content if isinstance(content, Mapping) else {}
    given = _values(bare, told.get("parameters") or {}, parameters)
    inputs, properties = (_filled(told.get(part) or {}, given) for part in ("inputs", "properties"))
    return ChosenDocument(
        bare, str(told.get("sessionType")), preferences.settings_in(_mapping(inputs)), _mapping(properties)
    )


def _values(
    name: str, declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, Sequence[str]]
) -> Mapping[str, str]:
    unknown = given.keys() - declared.keys()
    if unknown:
        raise AwsError("InvalidParameters", f"Parameters {sorted(unknown)} are not defined in document {name}.")
    values = {each: str(told["default"]) for each, told in declared.items() if "default" in told}
    values |= {each: ", ".join(texts) for each, texts in given.items()}
    missing = declared.keys() - values.keys()
    if missing:
        raise AwsError("InvalidParameters", f"Document {name} requires parameters {sorted(missing)}.")
    for each, told in declared.items():
        pattern = told.get("allowedPattern")
        if pattern and re.fullmatch(str(pattern), values[each]) is None:
            raise AwsError("InvalidParameters", f"Parameter {each} does not match the pattern {pattern}.")
    return values


def _filled(value: object, given: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _HOLE.sub(lambda hole: given.get(hole[1], hole[0]), value)
    if isinstance(value, Mapping):
        return {key: _filled(each, given) for key, each in value.items()}
    return [_filled(each, given) for each in value] if isinstance(value, list) else value


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

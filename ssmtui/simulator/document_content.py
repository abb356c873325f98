"""The content of Systems Manager documents: reading it, judging a Session document, turning JSON into YAML and back."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ssmtui.simulator.errors import AwsError

_SESSION_SCHEMA: Final = "1.0"
_SESSION_TYPES: Final = frozenset({"InteractiveCommands", "NonInteractiveCommands", "Port", "Standard_Stream"})
_LARGEST: Final = 64 * 1024


def read_content(content: str, document_format: str, document_type: str) -> Mapping[str, Any]:
    """The content as values, where AWS would store it; raises AwsError where it would not."""
    if len(content.encode()) > _LARGEST:
        raise AwsError("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
    document = _parsed(content, document_format)
    if not isinstance(document, dict):
        raise AwsError("InvalidDocumentContent", "The content of the document isn't a set of keys and values.")
    schema = str(document.get("schemaVersion", ""))
    if document_type == "Session":
        _judge_session_document(document, schema)
    elif not schema:
        raise AwsError("InvalidDocumentContent", "schemaVersion is missing.")
    return document


def converted(content: str, stored_format: str, wanted_format: str) -> str:
    """The content in another format; as it is stored where that is the same."""
    if stored_format == wanted_format:
        return content
    document = _parsed(content, stored_format)
    if wanted_format == "JSON":
        return json.dumps(document, indent=2)
    written = io.StringIO()
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # declared None, read as a switch
    yaml.dump(document, written)
    return written.getvalue()


def parameters_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters that a document declares, as DescribeDocument shows them."""
    shown = []
    for name, declared in document.get("parameters", {}).items():
        default = declared.get("default")
        parameter = {"Name": name, "Type": declared.get("type", "String"), "Description": declared.get("description")}
        if default is not None:
            parameter["DefaultValue"] = default if isinstance(default, str) else json.dumps(default)
        shown.append({key: value for key, value in parameter.items() if value is not None})
    return shown


def _judge_session_document(document: Mapping[str, Any], schema: str) -> None:
    if schema != _SESSION_SCHEMA:
        raise AwsError(
            "InvalidDocumentSchemaVersion", f"{schema} is not a valid schema version for Session document type"
        )
    if document.get("sessionType") not in _SESSION_TYPES:
        raise AwsError("InvalidDocumentContent", "sessionType is missing or not one of the types of sessions.")
    if not isinstance(document.get("inputs", {}), dict):
        raise AwsError("InvalidDocumentContent", "inputs isn't a set of keys and values.")


def _parsed(content: str, document_format: str) -> Any:  # noqa: ANN401 - whatever the text says
    if document_format == "JSON":
        try:
            return json.loads(content)
        except ValueError as error:
            raise AwsError("InvalidDocumentContent", f"JSON not well-formed. {error}") from error
    if document_format == "YAML":
        try:
            return YAML(typ="safe").load(content)
        except YAMLError as error:
            raise AwsError("InvalidDocumentContent", "YAML not well-formed.") from error
    raise AwsError("InvalidDocumentContent", f"{document_format} documents are not simulated.")

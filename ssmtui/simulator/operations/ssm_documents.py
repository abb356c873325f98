"""Implement Systems Manager documents, service settings, and tags."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.stored_policies import find_role
from ssmtui.simulator.call import ApiCall, AwsError, Result, operation, page
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.node_state.preferences import OWNER, amazon_documents
from ssmtui.simulator.state import DocumentVersion, StoredDocument

_SESSION_SCHEMA: Final = "1.0"
_SESSION_TYPES: Final = frozenset({"InteractiveCommands", "NonInteractiveCommands", "Port", "Standard_Stream"})
_LARGEST: Final = 64 * 1024


def read_content(content: str, document_format: str, document_type: str) -> Mapping[str, Any]:
    """Return the content as values if AWS would store it; raise AwsError otherwise."""
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
    """Return the content in another format; unchanged if the format is the same."""
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
    """Return the parameters that a document declares, as DescribeDocument shows them."""
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


def description(document: StoredDocument, version: DocumentVersion, status: str = "Active") -> dict[str, Any]:
    """Return a version as DescribeDocument shows it."""
    content = read_content(version.content, version.format, document.type)
    described: dict[str, Any] = {
        "Hash": version.hash,
        "HashType": "Sha256",
        "Name": document.name,
        "Owner": document.owner,
        "CreatedDate": version.created_at,
        "Status": status,
        "DocumentVersion": str(version.number),
        "Parameters": parameters_of(content),
        "PlatformTypes": ["Windows", "Linux", "MacOS"],
        "DocumentType": document.type,
        "SchemaVersion": version.schema_version,
        "LatestVersion": str(document.latest.number),
        "DefaultVersion": str(document.default_number),
        "DocumentFormat": version.format,
        "Tags": _tags(document),
    }
    optional = {
        "Description": version.description,
        "VersionName": version.name,
        "TargetType": document.target_type,
    }
    return described | {name: value for name, value in optional.items() if value}


def identifier(document: StoredDocument) -> dict[str, Any]:
    """Return a document as ListDocuments shows it."""
    version = document.default
    return {
        "Name": document.name,
        "CreatedDate": version.created_at,
        "Owner": document.owner,
        "PlatformTypes": ["Windows", "Linux", "MacOS"],
        "DocumentVersion": str(version.number),
        "DocumentType": document.type,
        "SchemaVersion": version.schema_version,
        "DocumentFormat": version.format,
        "Tags": _tags(document),
    }


def _tags(document: StoredDocument) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in document.tags.items()]


def filters_of(call: ApiCall) -> list[tuple[str, tuple[str, ...]]]:
    """Return the filters of ListDocuments, of both kinds: a key and the accepted values."""
    plain = [(one["key"], (one["value"],)) for one in call.parameters.get("DocumentFilterList", ())]
    return plain + [(one["Key"], tuple(one.get("Values", ()))) for one in call.parameters.get("Filters", ())]


def passes(document: StoredDocument, account: str, wanted: tuple[str, tuple[str, ...]]) -> bool:
    """Return whether a document matches a filter."""
    key, values = wanted
    owners: Mapping[str, bool] = {
        "All": True,
        "Amazon": document.owner == OWNER,
        "Self": document.owner == account,
        "Private": document.owner == account,
    }
    match key:
        case "Owner":
            return any(owners.get(value, document.owner == value) for value in values)
        case "DocumentType":
            return document.type in values
        case "Name":
            return document.name.startswith(values)
        case "PlatformTypes":
            return True
        case "SearchKeyword":
            return any(value.lower() in document.name.lower() for value in values)
        case _ if key.startswith("tag:"):
            return document.tags.get(key.removeprefix("tag:")) in values
        case _:
            raise AwsError("InvalidFilterKey", f"The specified filter key {key} isn't valid.")


_LATEST: Final = "$LATEST"
_DEFAULT: Final = "$DEFAULT"
_MOST_VERSIONS: Final = 1000
_RESERVED: Final = ("aws", "amazon", "amzn")


@operation("ssm", "CreateDocument")
def create_document(call: ApiCall) -> Result:
    """Create a document with one version."""
    name = str(call.parameters["Name"])
    documents = call.hidden.documents
    if name.lower().startswith(_RESERVED):
        raise AwsError("ValidationException", f"The name {name} begins with a prefix that AWS reserves.")
    if name in documents:
        raise AwsError("DocumentAlreadyExists", f"Document with same name {name} already exists")
    kind = str(call.parameters.get("DocumentType", "Command"))
    documents[name] = StoredDocument(
        name=name,
        type=kind,
        owner=call.account,
        versions=[_new_version(call, kind, number=1)],
        target_type=str(call.parameters.get("TargetType", "")),
        tags={tag["Key"]: tag["Value"] for tag in call.parameters.get("Tags", ())},
    )
    return {"DocumentDescription": description(documents[name], documents[name].latest, status="Creating")}


@operation("ssm", "UpdateDocument")
def update_document(call: ApiCall) -> Result:
    """Add a version, if the call names the latest one. The default version stays."""
    document = _own(call)
    asked = str(call.parameters.get("DocumentVersion", _DEFAULT))
    if _version(document, asked).number != document.latest.number:
        raise AwsError(
            "InvalidDocumentVersion",
            f"Version provided for document {document.name} is not latest. "
            f"Please provide the latest version to update document {document.name}",
        )
    if len(document.versions) >= _MOST_VERSIONS:
        raise AwsError("DocumentVersionLimitExceeded", "The document has too many versions.")
    added = _new_version(call, document.type, document.latest.number + 1)
    if any(version.content == added.content for version in document.versions):
        raise AwsError(
            "DuplicateDocumentContent",
            "The content of the association document matches another document. "
            "Change the content of the document and try again.",
        )
    if added.name and any(version.name == added.name for version in document.versions):
        raise AwsError("DuplicateDocumentVersionName", f"The version name {added.name} has already been used.")
    document.versions.append(added)
    return {"DocumentDescription": description(document, added, status="Updating")}


@operation("ssm", "UpdateDocumentDefaultVersion")
def update_document_default_version(call: ApiCall) -> Result:
    """Make a version the default."""
    document = _own(call)
    number = str(call.parameters["DocumentVersion"])
    if not number.isdigit():
        raise AwsError("ValidationException", f"Value '{number}' at 'documentVersion' must be a number.")
    chosen = _version(document, number)
    document.default_number = chosen.number
    described = {"Name": document.name, "DefaultVersion": str(chosen.number)}
    return {"Description": described | ({"DefaultVersionName": chosen.name} if chosen.name else {})}


@operation("ssm", "DescribeDocument")
def describe_document(call: ApiCall) -> Result:
    """Describe a version (by default, the default version)."""
    document = _readable(call)
    return {"Document": description(document, _asked_version(call, document))}


@operation("ssm", "GetDocument")
def get_document(call: ApiCall) -> Result:
    """Return the content of a version in the requested format (by default, JSON)."""
    document = _readable(call)
    version = _asked_version(call, document)
    wanted_format = str(call.parameters.get("DocumentFormat", "JSON"))
    content: dict[str, Any] = {
        "Name": document.name,
        "CreatedDate": version.created_at,
        "DocumentVersion": str(version.number),
        "Status": "Active",
        "Content": converted(version.content, version.format, wanted_format),
        "DocumentType": document.type,
        "DocumentFormat": wanted_format,
    }
    return content | ({"VersionName": version.name} if version.name else {})


@operation("ssm", "DeleteDocument")
def delete_document(call: ApiCall) -> Result:
    """Delete a document, or one version of it that is not the default."""
    document = _own(call)
    named = call.parameters.get("DocumentVersion") or call.parameters.get("VersionName")
    if named is None:
        del call.hidden.documents[document.name]
        return {}
    version = _asked_version(call, document)
    if version.number == document.default_number:
        raise AwsError("InvalidDocumentOperation", "Default version of the document can't be deleted.")
    document.versions.remove(version)
    return {}


@operation("ssm", "ListDocuments")
def list_documents(call: ApiCall) -> Result:
    """List documents, AWS's own included."""
    own = call.hidden.documents
    listed = [{**amazon_documents(), **own}[name] for name in sorted({*amazon_documents(), *own})]
    for entry in filters_of(call):
        listed = [document for document in listed if passes(document, call.account, entry)]
    return page(call, "DocumentIdentifiers", listed, 10, identifier)


@operation("ssm", "ListDocumentVersions")
def list_document_versions(call: ApiCall) -> Result:
    """List the versions of a document, the newest first."""
    document = _readable(call)

    def shown(version: DocumentVersion) -> dict[str, Any]:
        return {
            "Name": document.name,
            "DocumentVersion": str(version.number),
            "CreatedDate": version.created_at,
            "IsDefaultVersion": version.number == document.default_number,
            "DocumentFormat": version.format,
            "Status": "Active",
            **({"VersionName": version.name} if version.name else {}),
        }

    return page(call, "DocumentVersions", document.versions[::-1], 10, shown)


def _name(call: ApiCall) -> str:
    named = str(call.parameters["Name"])
    return named.rpartition("document/")[2] if named.startswith("arn:") else named


def _readable(call: ApiCall) -> StoredDocument:
    name = _name(call)
    document = call.hidden.documents.get(name) or amazon_documents().get(name)
    if document is None:
        raise AwsError("InvalidDocument", f"Document with name {name} does not exist.")
    return document


def _own(call: ApiCall) -> StoredDocument:
    document = _readable(call)
    if document.owner == OWNER:
        raise AwsError("InvalidDocument", f"Document {document.name} is owned by Amazon and cannot be changed.")
    return document


def _asked_version(call: ApiCall, document: StoredDocument) -> DocumentVersion:
    version_name = call.parameters.get("VersionName")
    if version_name is None:
        return _version(document, str(call.parameters.get("DocumentVersion", _DEFAULT)))
    named = next((version for version in document.versions if version.name == version_name), None)
    if named is None:
        raise AwsError("InvalidDocumentVersion", "The document version is not valid or does not exist.")
    return named


def _version(document: StoredDocument, asked: str) -> DocumentVersion:
    if asked == _LATEST:
        return document.latest
    if asked == _DEFAULT:
        return document.default
    for version in document.versions:
        if str(version.number) == asked:
            return version
    raise AwsError("InvalidDocumentVersion", "The document version is not valid or does not exist.")


def _new_version(call: ApiCall, kind: str, number: int) -> DocumentVersion:
    content = str(call.parameters["Content"])
    document_format = str(call.parameters.get("DocumentFormat", "JSON"))
    document = read_content(content, document_format, kind)
    return DocumentVersion(
        number=number,
        content=content,
        format=document_format,
        created_at=state.now(),
        name=str(call.parameters.get("VersionName", "")),
        schema_version=str(document["schemaVersion"]),
        description=str(document.get("description", "")),
    )


_HOST_MANAGEMENT: Final = "/ssm/managed-instance/default-ec2-instance-management-role"
_TIER: Final = "/ssm/managed-instance/activation-tier"
_NOTHING: Final = "$None"

_DEFAULTS: Final = {
    _HOST_MANAGEMENT: _NOTHING,
    _TIER: "standard",
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/parameter-store/default-parameter-tier": "Standard",
    "/ssm/parameter-store/high-throughput-enabled": "false",
}


@operation("ssm", "GetServiceSetting")
def get_service_setting(call: ApiCall) -> Result:
    """Return a setting: its default until it is changed."""
    return {"ServiceSetting": _shown_setting(call, _setting_id(call))}


@operation("ssm", "UpdateServiceSetting")
def update_service_setting(call: ApiCall) -> Result:
    """Change a setting."""
    setting_id, value = _setting_id(call), str(call.parameters["SettingValue"])
    if setting_id == _TIER and value not in {"standard", "advanced"}:
        raise AwsError("ValidationException", f"{value} is not a valid value for {setting_id}.")
    if setting_id == _HOST_MANAGEMENT and value != _NOTHING and not find_role(call.account, call.region, value):
        role_arn = f"arn:{call.partition}:iam::{call.account}:role/{value}"
        raise AwsError("ValidationException", f"Not existing role: {role_arn}")
    changed = state.ServiceSetting(value, state.now(), call.caller_arn)
    call.hidden.service_settings[setting_id] = changed
    return {}


@operation("ssm", "ResetServiceSetting")
def reset_service_setting(call: ApiCall) -> Result:
    """Restore the default of a setting."""
    setting_id = _setting_id(call)
    call.hidden.service_settings.pop(setting_id, None)
    return {"ServiceSetting": _shown_setting(call, setting_id)}


def _setting_id(call: ApiCall) -> str:
    named = str(call.parameters["SettingId"])
    setting_id = named.partition(":servicesetting")[2] if named.startswith("arn:") else named
    if setting_id not in _DEFAULTS:
        raise AwsError("ServiceSettingNotFound", f"Service setting {named} is not found.")
    return setting_id


def _shown_setting(call: ApiCall, setting_id: str) -> dict[str, Any]:
    setting = call.hidden.service_settings.get(setting_id)
    shown: dict[str, Any] = {
        "SettingId": setting_id,
        "SettingValue": setting.value if setting else _DEFAULTS[setting_id],
        "LastModifiedUser": setting.modified_by if setting else "System",
        "ARN": call.arn("ssm", f"servicesetting{setting_id}"),
        "Status": "Customized" if setting else "Default",
    }
    return shown | ({"LastModifiedDate": setting.modified_at} if setting else {})


@operation("ssm", "ListTagsForResource")
def list_tags(call: ApiCall) -> Result:
    """Return the tags of a resource."""
    tags = _resource_tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}


@operation("ssm", "AddTagsToResource")
def add_tags(call: ApiCall) -> Result:
    """Add tags, or change their values."""
    tags = _resource_tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    tags.update((str(each["Key"]), str(each["Value"])) for each in call.parameters["Tags"])
    return {}


@operation("ssm", "RemoveTagsFromResource")
def remove_tags(call: ApiCall) -> Result:
    """Remove tags."""
    tags = _resource_tags(call)
    if tags is None:
        return read_answer(call.model, call.moto())
    for key in call.parameters["TagKeys"]:
        tags.pop(str(key), None)
    return {}


def _resource_tags(call: ApiCall) -> dict[str, str] | None:
    """Return the tags of a document or hybrid node; None for resources that moto stores."""
    kind, id_ = str(call.parameters["ResourceType"]), str(call.parameters["ResourceId"])
    hidden = call.hidden
    if kind == "Document" and id_ in hidden.documents:
        return hidden.documents[id_].tags
    if kind == "ManagedInstance" and id_ in hidden.hybrid_nodes:
        return hidden.hybrid_node_tags.setdefault(id_, {})
    if kind in {"Document", "ManagedInstance"}:
        raise AwsError(
            "InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again."
        )
    return None

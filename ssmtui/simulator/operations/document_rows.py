"""How a document is described, listed and found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ssmtui.simulator.amazon_documents import OWNER
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.document_content import parameters_of, read_content
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.stored_document import DocumentVersion, StoredDocument


def description(document: StoredDocument, version: DocumentVersion, status: str = "Active") -> dict[str, Any]:
    """A version as DescribeDocument shows it."""
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
    """A document as ListDocuments shows it."""
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
    """The filters of ListDocuments, of both kinds: a key and the values that pass."""
    plain = [(one["key"], (one["value"],)) for one in call.parameters.get("DocumentFilterList", ())]
    return plain + [(one["Key"], tuple(one.get("Values", ()))) for one in call.parameters.get("Filters", ())]


def passes(document: StoredDocument, account: str, wanted: tuple[str, tuple[str, ...]]) -> bool:
    """Whether a filter lets a document through."""
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

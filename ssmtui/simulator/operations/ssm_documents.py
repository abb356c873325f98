"""Systems Manager documents: versions, the compare-and-swap of an update, and AWS's own Session documents.

An update names the version that it replaces: another than the latest gives InvalidDocumentVersion. Content that any
earlier version had gives DuplicateDocumentContent: AWS's text is ambiguous, and this is its stricter reading.
"""

from __future__ import annotations

from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.amazon_documents import OWNER, amazon_documents
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.document_content import converted, read_content
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.document_rows import description, filters_of, identifier, passes
from ssmtui.simulator.operations.paging import page
from ssmtui.simulator.operations.registry import Result, operation
from ssmtui.simulator.stored_document import DocumentVersion, StoredDocument

_LATEST: Final = "$LATEST"
_DEFAULT: Final = "$DEFAULT"
_MOST_VERSIONS: Final = 1000
_RESERVED: Final = ("aws", "amazon", "amzn")


@operation("ssm", "CreateDocument")
def create_document(call: ApiCall) -> Result:
    """Create a document of one version."""
    name = str(call.parameters["Name"])
    documents = state.hidden(call.account, call.region).documents
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
    """Add a version, where the one that the call names is the latest. The default version stays."""
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
    """Describe a version (the default one, where none is named)."""
    document = _readable(call)
    return {"Document": description(document, _asked_version(call, document))}


@operation("ssm", "GetDocument")
def get_document(call: ApiCall) -> Result:
    """The content of a version, in the format asked for: JSON, where none is."""
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
        del state.hidden(call.account, call.region).documents[document.name]
        return {}
    version = _asked_version(call, document)
    if version.number == document.default_number:
        raise AwsError("InvalidDocumentOperation", "Default version of the document can't be deleted.")
    document.versions.remove(version)
    return {}


@operation("ssm", "ListDocuments")
def list_documents(call: ApiCall) -> Result:
    """List documents, AWS's own included."""
    own = state.hidden(call.account, call.region).documents
    listed = [{**amazon_documents(), **own}[name] for name in sorted({*amazon_documents(), *own})]
    for entry in filters_of(call):
        listed = [document for document in listed if passes(document, call.account, entry)]
    shown = page(call, listed, default_size=10)
    return {"DocumentIdentifiers": [identifier(one) for one in shown.items], "NextToken": shown.next_token}


@operation("ssm", "ListDocumentVersions")
def list_document_versions(call: ApiCall) -> Result:
    """List the versions of a document, the newest first."""
    document = _readable(call)
    shown = page(call, document.versions[::-1], default_size=10)
    listed = [
        {
            "Name": document.name,
            "DocumentVersion": str(version.number),
            "CreatedDate": version.created_at,
            "IsDefaultVersion": version.number == document.default_number,
            "DocumentFormat": version.format,
            "Status": "Active",
            **({"VersionName": version.name} if version.name else {}),
        }
        for version in shown.items
    ]
    return {"DocumentVersions": listed, "NextToken": shown.next_token}


def _name(call: ApiCall) -> str:
    named = str(call.parameters["Name"])
    return named.rpartition("document/")[2] if named.startswith("arn:") else named


def _readable(call: ApiCall) -> StoredDocument:
    name = _name(call)
    document = state.hidden(call.account, call.region).documents.get(name) or amazon_documents().get(name)
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

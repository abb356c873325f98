"""Read the session preferences, other Session documents, and the AWS services that sessions need."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.evidence.aws.reader_api import Aws, AwsError, MalformedAnswer, all_parts, all_results
from ssmtui.evidence.facts.sources import by_region, derives, reads
from ssmtui.language import say
from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, parse_document_text
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.preferences import (
    SESSION_TYPE,
    DocumentParameter,
    PreferencesDocument,
    SessionDocument,
    SessionDocuments,
    SessionPreferences,
    SessionServices,
    describe_parameter,
    is_reference,
    parameter_name,
    parse_preferences,
    parse_preferences_text,
)
from ssmtui.model.scope import DOCUMENT_NAME, Scope
from ssmtui.text.json_text import IS_TOO_LONG, NESTS_TOO_DEEPLY


def unreadable_reference(*values: str, parameters: tuple[DocumentParameter, ...] = ()) -> Unreadable | None:
    """Return the marker for values of which one is a reference, else None."""
    for value in values:
        if (name := parameter_name(value)) is not None:
            return Unreadable("", describe_parameter(name, parameters), source="ssm:GetDocument")
        if is_reference(value):
            return Unreadable(
                "ssm:GetParameter",
                say("the preferences contain the reference {value} instead of a value", value=value),
                source="ssm:GetDocument",
            )
    return None


@reads("ssm:GetDocument", "ssm:DescribeDocument", key=by_region)
async def preferences_document(aws: Aws, scope: Scope) -> PreferencesDocument | Absent:
    """Read the document in its stored format (GetDocument converts to JSON by default).

    For the preferences, the default version is also read if it is not the latest: it is not documented which of the two
    a session uses (docs/facts/preferences.md §3). For another document, the default version is read: StartSession has
    no parameter for a version.
    """
    name = scope.session_document
    try:
        described = (await aws.call("ssm", "DescribeDocument", Name=name)).part("Document")
        has_format = described.has("DocumentFormat")
        stored = described.word("DocumentFormat", DocumentFormat) if has_format else DocumentFormat.JSON
        default = described.text("DefaultVersion")
        latest, content = await _version(aws, name, default if scope.document else "$LATEST", stored)
        default_content = content if default == latest else (await _version(aws, name, default, stored))[1]
    except AwsError as error:
        if error.code != "InvalidDocument":
            raise
        return Absent(say("the document {document}", document=name), "ssm:GetDocument")
    return PreferencesDocument(
        arn=scope.session_document_arn,
        format=stored,
        latest_version=latest,
        default_version=default,
        content=parse_stored_document(content, stored),
        default_content=default_content,
        type=described.optional_text("DocumentType") or SESSION_TYPE,
    )


@derives
def session_preferences(scope: Scope, document: PreferencesDocument | Absent) -> SessionPreferences | NotApplicable:
    """Return the settings of the latest version; without preferences, AWS's defaults.

    Another document has no defaults.
    """
    if isinstance(document, Absent):
        if scope.document is not None:
            return NotApplicable(say("the document {document} does not exist", document=scope.document))
        return SessionPreferences(scope.session_document_arn, document_exists=False)
    if document.type != SESSION_TYPE:
        return NotApplicable(say("the document {document} is not a Session document", document=scope.session_document))
    return parse_preferences(document)


def parse_stored_document(content: str, stored: DocumentFormat) -> DocumentText | MalformedText:
    """Parse a stored document. Raises MalformedAnswer if ssmtui does not know its content, which others may know."""
    text = parse_document_text(content, stored)
    if isinstance(text, MalformedText) and text.nests_too_deeply:
        raise MalformedAnswer("ssm:GetDocument", say(NESTS_TOO_DEEPLY, member="Content"))
    if isinstance(text, MalformedText) and text.is_too_long:
        raise MalformedAnswer("ssm:GetDocument", say(IS_TOO_LONG, member="Content"))
    return text


async def _version(aws: Aws, name: str, version: str, stored: DocumentFormat) -> tuple[str, str]:
    answer = await aws.call("ssm", "GetDocument", Name=name, DocumentVersion=version, DocumentFormat=stored.value)
    return answer.text("DocumentVersion"), answer.text("Content")


_A_PAGE = 50
_APPROVAL_TYPES = ("ManualApprovalPolicy", "AutoApprovalPolicy")
# Other kinds of sessions (port forwarding, single commands) have no log or key settings to compare.
_SHELL = "Standard_Stream"


@dataclass(frozen=True, slots=True)
class ListedDocuments:
    """The names of the account's own documents in the Region: Session documents and approval policies."""

    sessions: tuple[str, ...]
    approval_policies: tuple[str, ...]


@reads("ssm:ListDocuments", key=by_region)
async def listed_documents(aws: Aws, scope: Scope) -> ListedDocuments:
    """List both types at once: AWS returns documents of any of the types."""
    types = {"Key": "DocumentType", "Values": [SESSION_TYPE, *_APPROVAL_TYPES]}
    filters = [types, {"Key": "Owner", "Values": ["Self"]}]
    listed = await all_parts(aws, "ssm", "ListDocuments", "DocumentIdentifiers", Filters=filters, MaxResults=_A_PAGE)
    names: dict[bool, list[str]] = {True: [], False: []}
    for raw in listed:
        names[raw.text("DocumentType") == SESSION_TYPE].append(raw.text("Name"))
    return ListedDocuments(tuple(names[True]), tuple(names[False]))


@reads("ssm:ListDocuments", "ssm:GetDocument", key=by_region, along=(ListedDocuments,))
async def session_documents(
    aws: Aws, scope: Scope, listed: ListedDocuments | Unreadable
) -> SessionDocuments | NotApplicable | Unreadable:
    """Read the default version of each document, which a session uses if it names no version."""
    if scope.document is not None:
        return NotApplicable(say("sessions use only the document {document}", document=scope.document))
    if isinstance(listed, Unreadable):
        return listed
    names = [name for name in listed.sessions if name != DOCUMENT_NAME]
    arns = [scope.arn("ssm", f"document/{name}") for name in names]
    read = await all_results(*(_settings(aws, name, arn) for name, arn in zip(names, arns, strict=True)))
    documents = tuple(zip(names, arns, read, strict=True))
    shells = [SessionDocument(name, arn, own) for name, arn, own in documents if isinstance(own, SessionPreferences)]
    skipped = [name for name, _, own in documents if isinstance(own, MalformedText | Absent)]
    return SessionDocuments(tuple(sorted(shells, key=lambda each: each.name)), tuple(sorted(skipped)))


async def _settings(aws: Aws, name: str, arn: str) -> SessionPreferences | MalformedText | Absent | None:
    try:
        content = (await aws.call("ssm", "GetDocument", Name=name, DocumentFormat="JSON")).text("Content")
    except AwsError as error:
        return Absent(str(error), "ssm:GetDocument")
    document = parse_document_text(content, DocumentFormat.JSON)
    if isinstance(document, MalformedText):
        return document
    return parse_preferences_text(document, arn) if document.said.get("sessionType") == _SHELL else None


@derives
def session_services(preferences: SessionPreferences) -> SessionServices | NotApplicable:
    """Return the services of the resources in the preferences, in the order in which the agent uses them.

    The resources need not exist.
    """
    named = (("kms", preferences.kms_key), ("logs", preferences.log_group), ("s3", preferences.s3_bucket))
    names = tuple(service for service, setting in named if setting)
    return SessionServices(names) if names else NotApplicable(say("the preferences need only Systems Manager"))

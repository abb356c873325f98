"""The account's own Session documents besides the preferences."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.wire.aws import Aws, AwsError
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.document_name import DOCUMENT_NAME
from ssmtui.model.document_text import DocumentFormat, MalformedText, document_text
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.preferences_text import read_preferences
from ssmtui.model.scope import Scope
from ssmtui.model.session_documents import SessionDocument, SessionDocuments

_A_PAGE = 50
# Other kinds of session (port forwarding, single commands) have no log or key settings of their own to compare.
_SHELL = "Standard_Stream"


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ssm:ListDocuments", "ssm:GetDocument", key=_region)
async def session_documents(aws: Aws, scope: Scope) -> SessionDocuments | Moot:
    """The default version of each: what a session uses that names the document and no version."""
    if scope.document is not None:
        return Moot(say("sessions are judged by the document {document} alone", document=scope.document))
    shells, skipped = list[SessionDocument](), list[str]()
    filters = [{"Key": "DocumentType", "Values": ["Session"]}, {"Key": "Owner", "Values": ["Self"]}]
    async for page in aws.pages("ssm", "ListDocuments", Filters=filters, MaxResults=_A_PAGE):
        for raw in page.parts("DocumentIdentifiers"):
            name = raw.text("Name")
            if name == DOCUMENT_NAME:
                continue
            arn = scope.arn("ssm", f"document/{name}")
            try:
                settings = await _settings(aws, name, arn)
            except AwsError:
                skipped.append(name)
                continue
            match settings:
                case SessionPreferences():
                    shells.append(SessionDocument(name, arn, settings))
                case MalformedText():
                    skipped.append(name)
    return SessionDocuments(tuple(sorted(shells, key=lambda each: each.name)), tuple(sorted(skipped)))


async def _settings(aws: Aws, name: str, arn: str) -> SessionPreferences | MalformedText | None:
    content = (await aws.call("ssm", "GetDocument", Name=name, DocumentFormat="JSON")).text("Content")
    document = document_text(content, DocumentFormat.JSON)
    if isinstance(document, MalformedText):
        return document
    return read_preferences(document, arn) if document.said.get("sessionType") == _SHELL else None

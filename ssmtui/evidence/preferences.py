"""The session preferences of the Region: the document as it is stored, and what it says."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.aws import Aws, AwsError
from ssmtui.evidence.reading import derives, reads
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.preferences import DOCUMENT_NAME, DocumentFormat, PreferencesDocument, SessionPreferences
from ssmtui.model.preferences_text import preferences_of
from ssmtui.model.scope import Scope


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("ssm:GetDocument", "ssm:DescribeDocument", key=_region)
async def preferences_document(aws: Aws, scope: Scope) -> PreferencesDocument | Absent:
    """In the format in which it is stored (GetDocument converts to JSON unless told otherwise).

    The default version is read where it is another one than the latest: which of the two a session uses is not
    documented (aws-facts §3.2).
    """
    try:
        described = (await aws.call("ssm", "DescribeDocument", Name=DOCUMENT_NAME))["Document"]
        stored = DocumentFormat(described.get("DocumentFormat") or DocumentFormat.JSON.value)
        latest, content = await _version(aws, "$LATEST", stored)
        default = str(described["DefaultVersion"])
        default_content = content if default == latest else (await _version(aws, default, stored))[1]
    except AwsError as error:
        if error.code != "InvalidDocument":
            raise
        return Absent(say("the document {document}", document=DOCUMENT_NAME), "ssm:GetDocument")
    return PreferencesDocument(
        arn=scope.arn("ssm", f"document/{DOCUMENT_NAME}"),
        format=stored,
        latest_version=latest,
        default_version=default,
        content=content,
        default_content=default_content,
    )


@derives
def session_preferences(scope: Scope, document: PreferencesDocument | Absent) -> SessionPreferences:
    """What the latest version says; AWS's defaults, where there is no document."""
    if isinstance(document, Absent):
        return SessionPreferences(scope.arn("ssm", f"document/{DOCUMENT_NAME}"), document_exists=False)
    return preferences_of(document)


async def _version(aws: Aws, version: str, stored: DocumentFormat) -> tuple[str, str]:
    answer = await aws.call(
        "ssm", "GetDocument", Name=DOCUMENT_NAME, DocumentVersion=version, DocumentFormat=stored.value
    )
    return str(answer["DocumentVersion"]), str(answer["Content"])

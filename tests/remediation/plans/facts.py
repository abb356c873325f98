"""Facts for fixes: a Region's preferences document, and what the caller may do."""

from __future__ import annotations

import json

from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.permissions import CallerPreferencesPermissions, Decision, Denier, EvaluationResult, Question
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope, ScopeName

REGION = "eu-west-3"
ARN = "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell"
SCOPE = Scope(
    name=ScopeName("prod", REGION),
    account="123456789012",
    region=REGION,
    partition="aws",
    dns_suffix="amazonaws.com",
    caller="arn:aws:sts::123456789012:assumed-role/Engineer/alex",
    principal="arn:aws:iam::123456789012:role/Engineer",
)


def text_of(**inputs: object) -> str:
    """A document as the console writes it; a bucket, a log group and both switches on, where nothing else is said."""
    settings = {
        "s3BucketName": "audit",
        "s3EncryptionEnabled": True,
        "cloudWatchLogGroupName": "/ssm/sessions",
        "cloudWatchEncryptionEnabled": True,
        **inputs,
    }
    return json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": settings}, indent=2)


def stored(
    text: str, *, latest: str = "3", default: str = "3", format_: DocumentFormat = DocumentFormat.JSON
) -> PreferencesDocument:
    """A stored document."""
    return PreferencesDocument(
        ARN, format_, latest, default, parse_document_text(text, format_), text if latest == default else "{}"
    )


def caller(*denied: str, denier: Denier = Denier.IDENTITY) -> CallerPreferencesPermissions:
    """A caller who may do everything with the document but for these actions."""
    actions = ("ssm:GetDocument", "ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion")
    answers = (
        EvaluationResult(Question(action, ARN), Decision.IMPLICIT_DENY, denier)
        if action in denied
        else EvaluationResult(Question(action, ARN), Decision.ALLOWED)
        for action in actions
    )
    return CallerPreferencesPermissions("arn:aws:iam::123456789012:role/Engineer", tuple(answers))

"""Plans as the toggles draft them, on a fake AWS."""

from __future__ import annotations

from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.fact import Absent
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import Plan, Reach
from ssmtui.model.preferences import PreferencesDocument, parse_preferences
from ssmtui.remediation.plans.preferences.document_plan import preferences_change
from ssmtui.remediation.plans.preferences.encryption import toggle_cloudwatch_encryption, toggle_s3_encryption
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.plans.documents import read
from tests.remediation.plans.facts import ARN, SCOPE, caller, text_of

ON = text_of()
OFF = text_of(s3EncryptionEnabled=False)
THEIRS = text_of(s3KeyPrefix="theirs")


def seen(aws: FakeAws) -> PreferencesDocument:
    """The document as a diagnosis reads it now."""
    default = aws.versions[aws.default - 1]
    stored = DocumentFormat(aws.format)
    return PreferencesDocument(
        ARN, stored, str(aws.newest), str(aws.default), parse_document_text(aws.text, stored), default
    )


def bucket_toggle(aws: FakeAws, *denied: str) -> Plan:
    """The plan that turns "only encrypted S3 buckets"."""
    document = seen(aws)
    plan = toggle_s3_encryption(SCOPE, document, parse_preferences(document), caller(*denied))
    assert isinstance(plan, Plan)
    return plan


def log_group_toggle(aws: FakeAws) -> Plan:
    """The plan that turns "only encrypted CloudWatch log groups"."""
    document = seen(aws)
    plan = toggle_cloudwatch_encryption(SCOPE, document, parse_preferences(document), caller())
    assert isinstance(plan, Plan)
    return plan


def creation(text: str) -> Plan:
    """The plan of a fix that creates the document."""
    change = preferences_change(SCOPE, Absent("the document", "ssm:GetDocument"), read(text, DocumentFormat.JSON))
    return Plan(
        fix="create-preferences",
        title="Create the session preferences",
        scope=SCOPE,
        subject=Subject(SubjectKind.DOCUMENT, ARN),
        calls=change.calls,
        before=change.before,
        after=change.after,
        guards=change.guards,
        way_back=change.way_back,
        reach=Reach.REGION,
        undo=change.undo,
        facts_after=change.facts_after,
        stale=(PreferencesDocument,),
    )

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.finding_parts import the_bucket, the_document, the_key, the_log_group, the_subnet
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from tests.builders.fleet import a_scope
from tests.builders.network import NODE_SUBNET, a_placement
from tests.builders.storage import BUCKET_ARN, DOCUMENT_ARN, ENCRYPTED_ONLY, GROUP_ARN, KEY_ARN, KEY_ID

SCOPE = a_scope()


@pytest.mark.parametrize(
    ("named", "arn"),
    [
        (KEY_ARN, KEY_ARN),
        (KEY_ID, KEY_ARN),
        ("alias/sessions", SCOPE.arn("kms", "alias/sessions")),
        ("{{ssm:key}}", "{{ssm:key}}"),
    ],
)
def test_a_session_key_is_an_arn_however_it_is_named(named: str, arn: str) -> None:
    assert the_key(SCOPE, replace(ENCRYPTED_ONLY, kms_key=named)) == Subject(SubjectKind.KEY, arn)


def test_destinations_are_arns() -> None:
    assert the_bucket(SCOPE, ENCRYPTED_ONLY) == Subject(SubjectKind.BUCKET, BUCKET_ARN)
    assert the_log_group(SCOPE, ENCRYPTED_ONLY) == Subject(SubjectKind.LOG_GROUP, GROUP_ARN)


def test_a_placement_is_its_subnets_matter() -> None:
    assert the_subnet(a_placement()) == Subject(SubjectKind.SUBNET, NODE_SUBNET)


def test_what_unread_preferences_name_is_the_documents_matter() -> None:
    unread = Unreadable("ssm:GetDocument", "not authorized")
    document = Subject(SubjectKind.DOCUMENT, DOCUMENT_ARN)
    assert the_document(SCOPE) == document
    assert {subject(SCOPE, unread) for subject in (the_key, the_bucket, the_log_group)} == {document}


@pytest.mark.parametrize("named", ["{{kmsKey}}", "{{ kmsKey }}"])
def test_a_key_that_whoever_starts_a_session_names_is_the_documents_matter(named: str) -> None:
    assert the_key(SCOPE, replace(ENCRYPTED_ONLY, kms_key=named)) == Subject(SubjectKind.DOCUMENT, DOCUMENT_ARN)

from __future__ import annotations

from dataclasses import replace

from ssmtui.evidence.readers.preferences import session_services
from ssmtui.model.fact import NotApplicable
from ssmtui.model.preferences import SessionPreferences, SessionServices
from tests.builders.storage import DOCUMENT_ARN, ENCRYPTED_ONLY


def test_sessions_need_the_services_that_the_preferences_name() -> None:
    assert session_services(ENCRYPTED_ONLY) == SessionServices(("kms", "logs", "s3"))
    assert session_services(replace(ENCRYPTED_ONLY, kms_key="", s3_bucket="")) == SessionServices(("logs",))


def test_without_key_and_logs_sessions_need_no_other_service() -> None:
    assert isinstance(session_services(SessionPreferences(DOCUMENT_ARN, document_exists=False)), NotApplicable)

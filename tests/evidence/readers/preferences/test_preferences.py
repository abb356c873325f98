"""The preferences document as it is stored, and AWS's defaults without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences
from tests.evidence.fact_builders import DOCUMENT_ARN, fact
from tests.evidence.fake_aws import FakeAws, refused

CONTENT = {
    "$LATEST": '{"inputs": {"cloudWatchLogGroupName": "new"}}',
    "1": '{"inputs": {"cloudWatchLogGroupName": ""}}',
}
NO_DOCUMENT = AwsError("InvalidDocument", "Document with name SSM-SessionManagerRunShell does not exist.")


def stored(latest: str = "2", default: str = "2", form: str = "JSON") -> FakeAws:
    def content(**asked: Any) -> dict[str, str]:
        named = asked["DocumentVersion"]
        version = latest if named == "$LATEST" else named
        return {"DocumentVersion": version, "Content": CONTENT[named], "DocumentFormat": form}

    document = {"LatestVersion": latest, "DefaultVersion": default, "DocumentFormat": form}
    return FakeAws(ssm_DescribeDocument={"Document": document}, ssm_GetDocument=content)


async def test_the_document_is_read_in_the_format_in_which_it_is_stored() -> None:
    aws = stored(form="YAML")
    assert await fact(aws, PreferencesDocument) == PreferencesDocument(
        DOCUMENT_ARN,
        DocumentFormat.YAML,
        "2",
        "2",
        parse_document_text(CONTENT["$LATEST"], DocumentFormat.YAML),
        CONTENT["$LATEST"],
    )
    assert aws.parameters("ssm:GetDocument") == [
        {"Name": "SSM-SessionManagerRunShell", "DocumentVersion": "$LATEST", "DocumentFormat": "YAML"}
    ]


async def test_the_default_version_is_read_where_it_is_another() -> None:
    found = await fact(stored(default="1"), PreferencesDocument)
    assert isinstance(found, PreferencesDocument)
    assert (found.latest_version, found.default_version) == ("2", "1")
    assert (json.loads(found.content.text), json.loads(found.default_content)) == (
        json.loads(CONTENT["$LATEST"]),
        json.loads(CONTENT["1"]),
    )


async def test_what_the_latest_version_says_is_in_force() -> None:
    found = await fact(stored(default="1"), SessionPreferences)
    assert isinstance(found, SessionPreferences)
    assert (found.document_exists, found.log_group) == (True, "new")


async def test_without_a_document_the_defaults_are_in_force() -> None:
    aws = FakeAws(ssm_DescribeDocument=NO_DOCUMENT)
    assert await fact(aws, PreferencesDocument) == Absent("the document SSM-SessionManagerRunShell", "ssm:GetDocument")
    assert await fact(aws, SessionPreferences) == SessionPreferences(DOCUMENT_ARN, document_exists=False)


@pytest.mark.parametrize("action", ["ssm:DescribeDocument", "ssm:GetDocument"])
async def test_a_refused_document_is_no_default(action: str) -> None:
    aws = stored()
    aws.answers[action] = refused(action)
    found = await fact(aws, SessionPreferences)
    assert isinstance(found, Unreadable)
    assert found.action == action

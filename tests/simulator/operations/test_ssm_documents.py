"""Systems Manager documents: versions and the compare-and-swap that the toggles rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import client

NAME = "SSM-SessionManagerRunShell"


def content(**inputs: Any) -> str:
    return json.dumps({"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs})


@pytest.fixture
def ssm(aws: SimulatedAws) -> Any:
    aws.load("preferences-absent")
    return client(aws, "ssm")


def create(ssm: Any, text: str, **more: Any) -> Any:
    return ssm.create_document(Name=NAME, Content=text, DocumentType="Session", **more)["DocumentDescription"]


def update(ssm: Any, text: str, version: str, **more: Any) -> Any:
    answer = ssm.update_document(Name=NAME, Content=text, DocumentVersion=version, **more)
    return answer["DocumentDescription"]


def refusal(ask: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        ask(**parameters)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def test_preferences_that_nobody_saved_do_not_exist(ssm: Any) -> None:
    expected = ("InvalidDocument", f"Document with name {NAME} does not exist.")
    assert refusal(ssm.get_document, Name=NAME) == expected
    assert refusal(ssm.describe_document, Name=NAME) == expected


def test_update_adds_a_version_and_leaves_the_default(ssm: Any) -> None:
    created = create(ssm, content(kmsKeyId=""))
    updated = update(ssm, content(kmsKeyId="alias/a"), "1")
    assert [created["Status"], updated["Status"]] == ["Creating", "Updating"]
    assert (updated["DocumentVersion"], updated["LatestVersion"], updated["DefaultVersion"]) == ("2", "2", "1")
    assert ssm.get_document(Name=NAME)["Content"] == content(kmsKeyId="")
    assert ssm.get_document(Name=NAME, DocumentVersion="$LATEST")["Content"] == content(kmsKeyId="alias/a")

    described = ssm.update_document_default_version(Name=NAME, DocumentVersion="2")["Description"]
    assert described == {"Name": NAME, "DefaultVersion": "2"}
    assert ssm.get_document(Name=NAME)["Content"] == content(kmsKeyId="alias/a")


def test_update_of_another_version_than_the_latest_is_refused(ssm: Any) -> None:
    create(ssm, content(kmsKeyId=""))
    update(ssm, content(kmsKeyId="somebody else was here"), "1")
    assert refusal(ssm.update_document, Name=NAME, Content=content(kmsKeyId="mine"), DocumentVersion="1") == (
        "InvalidDocumentVersion",
        f"Version provided for document {NAME} is not latest. "
        f"Please provide the latest version to update document {NAME}",
    )
    assert ssm.describe_document(Name=NAME)["Document"]["LatestVersion"] == "2"


def test_content_of_an_earlier_version_is_a_duplicate_and_a_newline_makes_it_another(ssm: Any) -> None:
    create(ssm, content(kmsKeyId=""))
    update(ssm, content(kmsKeyId="alias/a"), "1")
    code, _ = refusal(ssm.update_document, Name=NAME, Content=content(kmsKeyId=""), DocumentVersion="2")
    assert code == "DuplicateDocumentContent"
    assert update(ssm, content(kmsKeyId="") + "\n", "2")["DocumentVersion"] == "3"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "InvalidDocumentContent"),
        ("[]", "InvalidDocumentContent"),
        ('{"schemaVersion": "2.0", "sessionType": "Standard_Stream"}', "InvalidDocumentSchemaVersion"),
        ('{"schemaVersion": "1.0", "sessionType": "Telepathy"}', "InvalidDocumentContent"),
        (content(kmsKeyId="a" * 70_000), "MaxDocumentSizeExceeded"),
    ],
)
def test_what_is_no_session_document_is_refused(ssm: Any, text: str, code: str) -> None:
    assert refusal(ssm.create_document, Name=NAME, Content=text, DocumentType="Session")[0] == code


def test_booleans_written_as_texts_are_stored(ssm: Any) -> None:
    create(ssm, content(s3EncryptionEnabled="true"))
    assert ssm.get_document(Name=NAME)["Content"] == content(s3EncryptionEnabled="true")


def test_yaml_keeps_its_comments_and_is_json_for_who_asks_for_json(ssm: Any) -> None:
    text = 'schemaVersion: "1.0"\nsessionType: Standard_Stream # why\ninputs:\n  s3EncryptionEnabled: true\n'
    create(ssm, text, DocumentFormat="YAML")
    assert ssm.describe_document(Name=NAME)["Document"]["DocumentFormat"] == "YAML"
    as_stored = ssm.get_document(Name=NAME, DocumentFormat="YAML")
    assert (as_stored["DocumentFormat"], as_stored["Content"]) == ("YAML", text)
    as_json = ssm.get_document(Name=NAME)
    assert as_json["DocumentFormat"] == "JSON"
    assert json.loads(as_json["Content"]) == json.loads(content(s3EncryptionEnabled=True))


def test_documents_of_aws_are_there_and_cannot_be_changed(ssm: Any) -> None:
    document = ssm.describe_document(Name="AWS-StartPortForwardingSession")["Document"]
    assert (document["Owner"], document["DocumentType"]) == ("Amazon", "Session")
    assert [parameter["Name"] for parameter in document["Parameters"]] == ["portNumber", "localPortNumber"]
    named = ssm.get_document(Name="arn:aws:ssm:eu-west-3::document/AWS-StartSSHSession")
    assert json.loads(named["Content"])["sessionType"] == "Port"


def test_deleting_leaves_the_defaults_in_force(ssm: Any) -> None:
    create(ssm, content())
    assert refusal(ssm.create_document, Name=NAME, Content=content(), DocumentType="Session")[0] == (
        "DocumentAlreadyExists"
    )
    ssm.delete_document(Name=NAME)
    assert refusal(ssm.get_document, Name=NAME)[0] == "InvalidDocument"


def test_listing_filters_by_owner_and_type_in_pages(ssm: Any) -> None:
    create(ssm, content())
    own = ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"]
    assert [document["Name"] for document in own] == [NAME]
    pages = ssm.get_paginator("list_documents").paginate(
        Filters=[{"Key": "DocumentType", "Values": ["Session"]}], PaginationConfig={"PageSize": 5}
    )
    assert [len(page["DocumentIdentifiers"]) for page in pages] == [5, 1]

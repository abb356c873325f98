from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.document_text import DocumentFormat, MalformedText, parse_document_text
from ssmtui.model.preferences import (
    DocumentParameter,
    EncryptedOnly,
    PreferencesDocument,
    SessionPreferences,
    parse_preferences,
)

ARN = "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell"
JSON, YAML = DocumentFormat.JSON, DocumentFormat.YAML


def _document(text: str, format_: DocumentFormat = JSON) -> PreferencesDocument:
    return PreferencesDocument(ARN, format_, "1", "1", parse_document_text(text, format_), text)


def _of_inputs(inputs: str) -> SessionPreferences:
    return parse_preferences(_document(f'{{"schemaVersion": "1.0", "inputs": {{{inputs}}}}}'))


FULL = SessionPreferences(
    document_arn=ARN,
    document_exists=True,
    kms_key="alias/sessions",
    s3_bucket="audit",
    s3_prefix="logs",
    s3_encrypted_only=EncryptedOnly.ON,
    log_group="/ssm/sessions",
    log_group_encrypted_only=EncryptedOnly.OFF,
    log_streaming=True,
    run_as=True,
    run_as_user="ops",
    idle_timeout="20",
    max_duration="60",
    shell_profile_linux="cd ~",
    shell_profile_windows="Get-Date",
    session_type="Standard_Stream",
)


def test_every_setting_is_read_from_json() -> None:
    text = """{"schemaVersion": "1.0", "description": "x", "sessionType": "Standard_Stream", "unknown": [1],
      "inputs": {"kmsKeyId": "alias/sessions", "s3BucketName": "audit", "s3KeyPrefix": "logs",
        "s3EncryptionEnabled": "true", "cloudWatchLogGroupName": "/ssm/sessions",
        "cloudWatchEncryptionEnabled": false, "cloudWatchStreamingEnabled": true, "runAsEnabled": true,
        "runAsDefaultUser": "ops", "idleSessionTimeout": 20, "maxSessionDuration": "60",
        "shellProfile": {"linux": "cd ~", "windows": "Get-Date"}, "later": {}}}"""
    assert parse_preferences(_document(text)) == replace(FULL, switches_as_text=("s3EncryptionEnabled",))


def test_every_setting_is_read_from_yaml() -> None:
    text = """
schemaVersion: 1.0
inputs:  # ours
  kmsKeyId: alias/sessions
  s3BucketName: audit
  s3KeyPrefix: logs
  s3EncryptionEnabled: true
  cloudWatchLogGroupName: /ssm/sessions
  cloudWatchEncryptionEnabled: "false"
  cloudWatchStreamingEnabled: true
  runAsEnabled: 'True'
  runAsDefaultUser: ops
  idleSessionTimeout: 20
  maxSessionDuration: "60"
  shellProfile: {linux: cd ~, windows: Get-Date}
"""
    assert parse_preferences(_document(text, YAML)) == replace(
        FULL, session_type="", switches_as_text=("cloudWatchEncryptionEnabled", "runAsEnabled")
    )


def test_what_is_not_said_is_off() -> None:
    assert parse_preferences(_document('{"schemaVersion": "1.0"}')) == SessionPreferences(ARN, document_exists=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("true", EncryptedOnly.ON),
        *((f'"{text}"', EncryptedOnly.ON) for text in ("1", "t", "T", "TRUE", "true", "True")),
        *((f'"{text}"', EncryptedOnly.OFF) for text in ("", "0", "f", "F", "FALSE", "false", "False")),
        ('"{{ssm:only-encrypted}}"', EncryptedOnly.REFERENCE),
        ('"{{ onlyEncrypted }}"', EncryptedOnly.PARAMETER),
        ("null", EncryptedOnly.OFF),
        ("1", EncryptedOnly.MALFORMED),
        ("[]", EncryptedOnly.MALFORMED),
        ('"yes"', EncryptedOnly.MALFORMED),
        ('" true"', EncryptedOnly.MALFORMED),
        ('"tRUE"', EncryptedOnly.MALFORMED),
    ],
)
def test_a_switch_is_a_boolean_or_a_text_that_the_agent_reads_or_a_reference(
    value: str, expected: EncryptedOnly
) -> None:
    assert _of_inputs(f'"s3EncryptionEnabled": {value}').s3_encrypted_only is expected


def test_booleans_as_texts_are_named_because_only_newer_agents_read_them() -> None:
    preferences = _of_inputs('"s3EncryptionEnabled": "true", "runAsEnabled": true, "cloudWatchEncryptionEnabled": "on"')
    assert preferences.switches_as_text == ("s3EncryptionEnabled",)


@pytest.mark.parametrize(
    ("inputs", "fault"),
    [
        ('"runAsEnabled": "on"', 'runAsEnabled is "on" instead of true or false.'),
        ('"cloudWatchStreamingEnabled": "true"', 'cloudWatchStreamingEnabled is "true" instead of true or false.'),
        ('"s3BucketName": "s3://audit"', 's3BucketName is "s3://audit" instead of only the bucket name.'),
        (
            '"cloudWatchLogGroupName": "arn:aws:logs:::g"',
            'cloudWatchLogGroupName is "arn:aws:logs:::g" instead of only the log group name.',
        ),
        ('"kmsKeyId": ["k"]', "kmsKeyId is a list or mapping instead of a text."),
        ('"shellProfile": {"linux": true}', "shellProfile.linux is true instead of a text."),
        ('"shellProfile": "cd ~"', "shellProfile is not a mapping with linux and windows."),
    ],
)
def test_what_an_agent_would_choke_on_is_a_fault(inputs: str, fault: str) -> None:
    assert _of_inputs(inputs).faults == (fault,)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"schemaVersion": "2.2"}', 'schemaVersion is "2.2"; the value for a Session document is "1.0".'),
        ("{}", 'schemaVersion is empty; the value for a Session document is "1.0".'),
        ('{"schemaVersion": "1.0", "inputs": 1}', "inputs is a single value instead of settings."),
        ("[]", "The document is JSON, but not a mapping of settings."),
    ],
)
def test_a_document_of_another_shape_is_a_fault(text: str, fault: str) -> None:
    assert parse_preferences(_document(text)).faults == (fault,)


@pytest.mark.parametrize(
    "text", ["a: [", "a: 1\n---\nb: 2", "a: 1\na: 2", "\ta: 1", "a: !!python/object:x 1", "a: *b", "", "- a"]
)
def test_yaml_that_cannot_be_read_says_so_in_one_line(text: str) -> None:
    found = parse_document_text(text, YAML)
    assert isinstance(found, MalformedText)
    assert "\n" not in found.why


@pytest.mark.heavy
def test_a_document_nested_beyond_reason_is_malformed() -> None:
    for format_ in (JSON, YAML):
        assert isinstance(parse_document_text("[" * 20_000, format_), MalformedText)


@given(st.text(), st.sampled_from(DocumentFormat))
def test_any_text_is_either_read_or_a_fault(text: str, format_: DocumentFormat) -> None:
    assert parse_preferences(_document(text, format_)).document_exists


def test_a_document_says_which_settings_its_parameters_give_and_what_they_are_without() -> None:
    read = parse_preferences(
        _document(
            """{"schemaVersion": "1.0", "sessionType": "Standard_Stream",
                "parameters": {"key": {"type": "String", "default": "alias/a"},
                               "on": {"type": "Boolean", "default": true},
                               "group": {"type": "String"}},
                "inputs": {"kmsKeyId": "{{ key }}", "cloudWatchLogGroupName": "/s/{{group}}", "runAsEnabled": "{{on}}",
                           "s3BucketName": "{{ssm:bucket}}", "shellProfile": {"linux": "cd {{ group }}"}}}"""
        )
    )
    assert read.parameters == (
        DocumentParameter("key", "alias/a"),
        DocumentParameter("on", "true"),
        DocumentParameter("group", None),
    )
    assert [name for name, _ in read.taken] == [
        "kmsKeyId",
        "cloudWatchLogGroupName",
        "runAsEnabled",
        "shellProfile.linux",
    ]


def test_a_document_that_says_no_type_of_session_has_none() -> None:
    assert parse_preferences(_document('{"schemaVersion": "1.0", "inputs": {}}')).session_type == ""
    assert parse_preferences(_document('{"schemaVersion": "1.0", "sessionType": ["Port"]}')).session_type == ""


def test_a_document_that_forwards_a_port_has_no_settings_of_shells() -> None:
    text = '{"schemaVersion": "1.0", "sessionType": "Port", "inputs": {"kmsKeyId": "alias/a"}, "properties": {}}'
    assert parse_preferences(_document(text)) == SessionPreferences(ARN, document_exists=True, session_type="Port")


def test_a_parameter_is_told_with_its_description_and_its_values() -> None:
    declared = (
        '{"key": {"type": "String", "description": "Whose key", "allowedValues": ["a", 1]}, "on": {"default": 2}}'
    )
    read = parse_preferences(_document(f'{{"schemaVersion": "1.0", "parameters": {declared}}}'))
    assert read.parameters == (DocumentParameter("key", None, "Whose key", ("a", "1")), DocumentParameter("on", "2"))

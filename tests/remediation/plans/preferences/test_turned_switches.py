from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from ssmtui.model.document_text import DocumentFormat, MalformedText, parse_document_text
from ssmtui.model.preferences import parse_preferences_text
from ssmtui.remediation.plans.preferences.fields import (
    ONLY_ENCRYPTED_BUCKET,
    ONLY_ENCRYPTED_GROUP,
    STREAMING,
    Field,
    with_fields,
)
from ssmtui.remediation.plans.preferences.text_edit import CannotEditError
from tests.examples import examples
from tests.remediation.plans.documents import Stored, documents, read

JSON, YAML = DocumentFormat.JSON, DocumentFormat.YAML
BUCKETS, GROUPS = ONLY_ENCRYPTED_BUCKET, ONLY_ENCRYPTED_GROUP


def turned(text: str, format_: DocumentFormat, switch: Field, word: str) -> str:
    """The text with a switch turned."""
    return with_fields(read(text, format_), {switch.name: word}).text


# tests/remediation/apply/test_random_preferences.py turns the switches of 500 documents, by the fixes and their undo.
@pytest.mark.long
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_a_switch_is_turned_and_turned_back_without_touching_anything_else(stored: Stored) -> None:
    for switch in (BUCKETS, GROUPS):
        before = stored.document
        was = switch.of(parse_preferences_text(before, ""))
        edited = with_fields(before, {switch.name: "false" if was == "true" else "true"})
        assert _without(edited.said, switch.name) == _without(before.said, switch.name)
        assert list(_inputs(edited.said)) == list(_inputs(before.said))
        assert type(_inputs(edited.said)[switch.name]) is type(_inputs(before.said)[switch.name])
        assert with_fields(edited, {switch.name: was}).text == stored.text


@pytest.mark.long
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_an_absent_switch_is_added_and_nothing_else_changes(stored: Stored) -> None:
    added = with_fields(stored.document, {STREAMING.name: "true"})
    assert _inputs(added.said)[STREAMING.name] is True
    assert _without(added.said, STREAMING.name) == _without(stored.document.said, STREAMING.name)


@pytest.mark.long
@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_what_an_edit_says_is_what_its_text_says(stored: Stored) -> None:
    edited = with_fields(stored.document, {STREAMING.name: "true"})
    again = read(edited.text, edited.format)
    assert (edited, edited.said, edited.tokens) == (again, again.said, again.tokens)


def _inputs(data: object) -> dict[str, object]:
    assert isinstance(data, dict)
    inputs = data["inputs"]
    assert isinstance(inputs, dict)
    return inputs


def _without(data: object, key: str) -> object:
    assert isinstance(data, dict)
    return {**data, "inputs": {name: value for name, value in _inputs(data).items() if name != key}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"inputs": {"s3EncryptionEnabled": true}}', '{"inputs": {"s3EncryptionEnabled": false}}'),
        ('{"inputs":{"s3EncryptionEnabled":"true"}}', '{"inputs":{"s3EncryptionEnabled":"false"}}'),
        ('{"inputs":{"s3EncryptionEnabled":"tr\\u0075e"}}', '{"inputs":{"s3EncryptionEnabled":"false"}}'),
        (
            '{"s3EncryptionEnabled": true, "inputs": {"x": {"s3EncryptionEnabled":1}, "s3EncryptionEnabled":true}}',
            '{"s3EncryptionEnabled": true, "inputs": {"x": {"s3EncryptionEnabled":1}, "s3EncryptionEnabled":false}}',
        ),
        (
            '{"inputs":{"s3EncryptionEnabled":false,"s3EncryptionEnabled":true}}',
            '{"inputs":{"s3EncryptionEnabled":false,"s3EncryptionEnabled":false}}',
        ),
    ],
)
def test_json_is_edited_in_place(before: str, after: str) -> None:
    assert turned(before, JSON, BUCKETS, "false") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"inputs": {}}', '{"inputs": {"s3EncryptionEnabled": true}}'),
        ("{}", '{"inputs": {"s3EncryptionEnabled": true}}'),
        ('{"a":1}', '{"a":1,"inputs":{"s3EncryptionEnabled": true}}'),
        (
            '{\n  "inputs": {\n    "a": 1\n  }\n}\n',
            '{\n  "inputs": {\n    "a": 1,\n    "s3EncryptionEnabled": true\n  }\n}\n',
        ),
        ('{"inputs": {"a":1, "b":2}}', '{"inputs": {"a":1, "b":2, "s3EncryptionEnabled":true}}'),
    ],
)
def test_an_absent_switch_is_added_to_json_in_its_style(before: str, after: str) -> None:
    assert turned(before, JSON, BUCKETS, "true") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("inputs:\n  s3EncryptionEnabled: true # why\n", "inputs:\n  s3EncryptionEnabled: false # why\n"),
        ("inputs:\r\n    s3EncryptionEnabled:   'true'\r\n", "inputs:\r\n    s3EncryptionEnabled:   'false'\r\n"),
        ("inputs: {s3EncryptionEnabled: !!bool true}", "inputs: {s3EncryptionEnabled: !!bool false}"),
        ("inputs:\n  s3EncryptionEnabled: TRUE", "inputs:\n  s3EncryptionEnabled: FALSE"),
    ],
)
def test_yaml_is_edited_in_place(before: str, after: str) -> None:
    assert turned(before, YAML, BUCKETS, "false") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("inputs:\n  s3BucketName: b # ours\n", "inputs:\n  s3BucketName: b # ours\n  s3EncryptionEnabled: true\n"),
        ("inputs:\r\n  s3BucketName: b", "inputs:\r\n  s3BucketName: b\r\n  s3EncryptionEnabled: true"),
        (
            "inputs:\n  p:\n    linux: |\n      x\n",
            "inputs:\n  s3EncryptionEnabled: true\n  p:\n    linux: |\n      x\n",
        ),
        ("inputs: {}\n", "inputs: {s3EncryptionEnabled: true}\n"),
        ('{"inputs": {"a":"b"}}', '{"inputs": {"a":"b", "s3EncryptionEnabled": true}}'),
        ("schemaVersion: '1.0'\n", "schemaVersion: '1.0'\ninputs:\n  s3EncryptionEnabled: true\n"),
        ("{a: b}", "{a: b, inputs: {s3EncryptionEnabled: true}}"),
    ],
)
def test_an_absent_switch_is_added_to_yaml_in_its_style(before: str, after: str) -> None:
    assert turned(before, YAML, BUCKETS, "true") == after


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("inputs:\n  s3EncryptionEnabled: &both true\n  cloudWatchEncryptionEnabled: *both\n", YAML),
        ("inputs:\n  cloudWatchEncryptionEnabled: &both true\n  s3EncryptionEnabled: *both\n", YAML),
        ("base: &base\n  s3EncryptionEnabled: true\ninputs: *base\n", YAML),
        ("inputs: nothing\n", YAML),
        ('{"inputs": []}', JSON),
    ],
)
def test_what_cannot_be_changed_alone_is_left_to_its_author(text: str, format_: DocumentFormat) -> None:
    with pytest.raises(CannotEditError):
        turned(text, format_, BUCKETS, "false")


@pytest.mark.parametrize(("text", "format_"), [("{", JSON), ("[]", JSON), ("a: [", YAML), ("- a", YAML), ("", YAML)])
def test_a_text_that_cannot_be_read_is_not_edited(text: str, format_: DocumentFormat) -> None:
    assert isinstance(parse_document_text(text, format_), MalformedText)

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from ssmtui.fixes.preferences.editing import CannotEdit
from ssmtui.fixes.preferences.switch_edit import ONLY_ENCRYPTED_BUCKETS, ONLY_ENCRYPTED_LOG_GROUPS, Switch, with_switch
from ssmtui.model.preferences import DocumentFormat, EncryptedOnly
from ssmtui.model.preferences_text import PreferencesMalformed, parse_document, read_preferences
from tests.fixes.documents import Stored, documents

JSON, YAML = DocumentFormat.JSON, DocumentFormat.YAML
ON, OFF = EncryptedOnly.ON, EncryptedOnly.OFF


def _switch_of(stored: Stored, switch: Switch) -> EncryptedOnly:
    return switch.of(read_preferences(stored.text, stored.format, ""))


# tests/changes/test_random_preferences.py turns the switches of 500 documents, by the fixes and their undo.
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_a_switch_is_turned_and_turned_back_without_touching_anything_else(stored: Stored) -> None:
    for switch in (ONLY_ENCRYPTED_BUCKETS, ONLY_ENCRYPTED_LOG_GROUPS):
        was = _switch_of(stored, switch)
        turned = with_switch(stored.text, stored.format, switch, OFF if was is ON else ON)
        data, before = parse_document(turned, stored.format), parse_document(stored.text, stored.format)
        assert _without(data, switch.key) == _without(before, switch.key)
        assert list(_inputs(data)) == list(_inputs(before))
        assert type(_inputs(data)[switch.key]) is type(_inputs(before)[switch.key])
        assert with_switch(turned, stored.format, switch, was) == stored.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_an_absent_switch_is_added_and_nothing_else_changes(stored: Stored) -> None:
    absent = Switch("addedEnabled", lambda _: ON)
    added = with_switch(stored.text, stored.format, absent, ON)
    data, before = parse_document(added, stored.format), parse_document(stored.text, stored.format)
    assert _inputs(data)["addedEnabled"] is True
    assert _without(data, "addedEnabled") == _without(before, "addedEnabled")


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
    assert with_switch(before, JSON, ONLY_ENCRYPTED_BUCKETS, OFF) == after


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
    assert with_switch(before, JSON, ONLY_ENCRYPTED_BUCKETS, ON) == after


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
    assert with_switch(before, YAML, ONLY_ENCRYPTED_BUCKETS, OFF) == after


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
    assert with_switch(before, YAML, ONLY_ENCRYPTED_BUCKETS, ON) == after


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("inputs:\n  s3EncryptionEnabled: &both true\n  cloudWatchEncryptionEnabled: *both\n", YAML),
        ("inputs:\n  cloudWatchEncryptionEnabled: &both true\n  s3EncryptionEnabled: *both\n", YAML),
        ("base: &base\n  s3EncryptionEnabled: true\ninputs: *base\n", YAML),
        ("inputs:\n  s3EncryptionEnabled: |\n    true\n", YAML),
        ("inputs: nothing\n", YAML),
        ('{"inputs": []}', JSON),
    ],
)
def test_what_cannot_be_changed_alone_is_left_to_its_author(text: str, format_: DocumentFormat) -> None:
    with pytest.raises(CannotEdit):
        with_switch(text, format_, ONLY_ENCRYPTED_BUCKETS, OFF)


@pytest.mark.parametrize(("text", "format_"), [("{", JSON), ("[]", JSON), ("a: [", YAML), ("- a", YAML), ("", YAML)])
def test_a_text_that_cannot_be_read_is_not_edited(text: str, format_: DocumentFormat) -> None:
    with pytest.raises(PreferencesMalformed):
        with_switch(text, format_, ONLY_ENCRYPTED_BUCKETS, OFF)

"""Settings written into stored texts: each as it was written, and nothing besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmtui.model.document_text import DocumentFormat
from ssmtui.model.preferences import parse_preferences_text
from ssmtui.remediation.plans.preferences.fields import FIELD, FIELDS, FieldKind, with_fields
from ssmtui.remediation.plans.preferences.text_edit import CannotEditError
from tests.examples import examples
from tests.remediation.plans.documents import TEXT, Stored, documents, read

JSON, YAML = DocumentFormat.JSON, DocumentFormat.YAML

KEPT = """\
schemaVersion: "1.0"
inputs:
  # Audit: ticket SEC-211
  s3BucketName: audit   # theirs
  s3KeyPrefix: 'it''s'
  s3EncryptionEnabled: "TRUE"
  idleSessionTimeout: 20
  shellProfile:
    linux: |
      cd ~
      exec bash
  # the end
description: kept
"""


def edited(text: str, format_: DocumentFormat, values: Mapping[str, str]) -> str:
    """The text with these settings."""
    return with_fields(read(text, format_), values).text


@pytest.mark.parametrize(
    ("name", "value", "before", "after"),
    [
        ("s3BucketName", "audit-2", "  s3BucketName: audit ", "  s3BucketName: audit-2 "),
        ("s3BucketName", "on", "  s3BucketName: audit ", '  s3BucketName: "on" '),
        ("s3BucketName", "", "  s3BucketName: audit ", '  s3BucketName: "" '),
        ("s3KeyPrefix", "o'clock", "'it''s'", "'o''clock'"),
        ("s3EncryptionEnabled", "false", '"TRUE"', '"FALSE"'),
        ("idleSessionTimeout", "30", "idleSessionTimeout: 20", 'idleSessionTimeout: "30"'),
        (
            "shellProfile.linux",
            "cd /srv\nls",
            "linux: |\n      cd ~\n      exec bash\n",
            'linux: "cd /srv\\nls"\n',
        ),
        (
            "runAsEnabled",
            "true",
            "  idleSessionTimeout: 20\n",
            "  idleSessionTimeout: 20\n  runAsEnabled: true\n",
        ),
    ],
)
def test_yaml_is_written_as_its_author_wrote_it(name: str, value: str, before: str, after: str) -> None:
    assert edited(KEPT, YAML, {name: value}) == KEPT.replace(before, after)


def test_yaml_that_ends_in_a_block_takes_a_new_setting_in_front_of_it() -> None:
    written = edited(KEPT, YAML, {"shellProfile.windows": "dir"})
    assert written == KEPT.replace("    linux:", '    windows: "dir"\n    linux:')


def test_an_absent_mapping_is_made_in_json() -> None:
    text = '{"schemaVersion": "1.0",\n "inputs": {"unknown": [1]}}'
    written = edited(text, JSON, {"shellProfile.linux": 'say "hi"', "cloudWatchStreamingEnabled": "true"})
    assert written == (
        '{"schemaVersion": "1.0",\n "inputs": {"unknown": [1],"shellProfile": {"linux": "say \\"hi\\""},'
        '"cloudWatchStreamingEnabled": true}}'
    )


@pytest.mark.parametrize("value", ['""', "null", "1", '"yes"'])
def test_a_switch_that_is_none_becomes_a_boolean(value: str) -> None:
    text = '{"schemaVersion": "1.0", "inputs": {"runAsEnabled":%s}}'
    assert edited(text % value, JSON, {"runAsEnabled": "false"}) == text % "false"


def test_a_list_where_a_switch_belongs_is_left_to_its_author() -> None:
    with pytest.raises(CannotEditError):
        edited('{"schemaVersion": "1.0", "inputs": {"runAsEnabled": [1, 2]}}', JSON, {"runAsEnabled": "false"})


def test_what_is_so_already_is_not_touched() -> None:
    text = '{"inputs": {"runAsEnabled": "False", "idleSessionTimeout":"20"}, "schemaVersion": "1.0"}'
    same = {"runAsEnabled": "false", "idleSessionTimeout": "20", "runAsDefaultUser": ""}
    assert edited(text, JSON, same) == text


def test_an_anchor_is_left_to_its_author() -> None:
    text = 'schemaVersion: "1.0"\ninputs:\n  s3BucketName: &b audit\n  other: *b\n'
    with pytest.raises(CannotEditError):
        edited(text, YAML, {"s3BucketName": "audit-2"})


_VALUES = st.fixed_dictionaries(
    {},
    optional={
        field.name: st.sampled_from(["true", "false"]) if field.kind is FieldKind.SWITCH else TEXT | st.just("a\nb")
        for field in FIELDS
    },
)


@settings(max_examples=examples(60), deadline=None)
@given(documents(), _VALUES)
def test_random_documents_say_afterwards_what_was_asked_and_all_else_as_before(
    random: Stored, values: dict[str, str]
) -> None:
    try:
        written = with_fields(random.document, values)
    except CannotEditError:
        # In YAML a first setting may stand behind a `-` or a `?`; in JSON there is always a place.
        assert random.format is YAML
        return
    preferences = parse_preferences_text(written, "")
    assert {name: FIELD[name].of(preferences) for name in values} == values
    assert _but_for(values, written.said) == _but_for(values, random.document.said)


def _but_for(names: Iterable[str], document: Mapping[str, object]) -> object:
    told = deepcopy(dict(document))
    for name in names:
        *way, last = FIELD[name].path
        place = told
        for step in way:
            place = place.get(step, {})  # type: ignore[assignment]
        place.pop(last, None)
    inputs = told["inputs"]
    assert isinstance(inputs, dict)
    if not inputs.get("shellProfile", True):
        del inputs["shellProfile"]
    return told

"""Random preferences documents through both toggles and their undo, on the simulator's own document operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ssmtui.model.document_text import DocumentText
from ssmtui.model.plan import Plan
from ssmtui.model.preferences import EncryptedOnly, PreferencesDocument, parse_preferences
from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import AppliedOutcome
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import undo
from ssmtui.remediation.plans.preferences.encryption import LOG_BUCKET_SWITCH as BUCKETS
from ssmtui.remediation.plans.preferences.encryption import LOG_GROUP_SWITCH as GROUPS
from ssmtui.remediation.plans.preferences.encryption import EncryptionSwitch, switch_plan
from ssmtui.simulator.call import AwsError
from tests.examples import examples
from tests.remediation.apply.documents_in_process import DocumentsInProcess
from tests.remediation.plans.documents import KEYS, NESTED, SWITCH, Stored, documents
from tests.remediation.plans.facts import SCOPE, caller

# An account of its own: no world of another test is in it.
SSM = DocumentsInProcess(replace(SCOPE, account="210987654321"))
REFERENCE = st.sampled_from(["{{ssm:/audit/on}}", "{{auditOn}}"])
PREFERENCES = documents(
    outer={
        "sessionType": st.just("Standard_Stream"),
        "parameters": st.dictionaries(st.sampled_from(["auditOn", "shell"]), st.just({"type": "String"})),
    },
    inputs={
        "s3BucketName": st.sampled_from(["audit", "{{ssm:/audit/bucket}}"]),
        "cloudWatchLogGroupName": st.sampled_from(["/ssm/sessions", "{{group}}"]),
        **{key: st.one_of(*[SWITCH] * 4, REFERENCE) for key in KEYS},
        "runAsEnabled": SWITCH,
        "idleSessionTimeout": st.sampled_from(["20", "{{ssm:idle}}", 20]),
        "shellProfile": st.fixed_dictionaries({"linux": st.sampled_from(["", "cd ~\nexec bash", "{{shell}}"])}),
        "unknown": NESTED,
    },
)


@pytest.mark.long
@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(PREFERENCES)
def test_both_toggles_and_their_undo_leave_every_document_as_it_was(random: Stored) -> None:
    assume(_is_stored(random))
    # What is on the disk after a crash is the journal's own tests' business.
    with TemporaryDirectory() as folder, patch("os.fsync"):
        journal = Journal(Path(folder))
        made = [applied for toggle in (BUCKETS, GROUPS) if (applied := _turn(toggle, random, journal)) is not None]
        inputs = _inputs(SSM.stored(random.format))
        assert len(made) == sum("{{" not in str(inputs[key]) for key in KEYS)
        for applied in reversed(made):
            assert isinstance(undo(applied.change, SSM, journal), AppliedOutcome)
    assert SSM.stored(random.format).content.text.rstrip() == random.text.rstrip()
    assert SSM.stored(random.format).default_content == SSM.stored(random.format).content.text


def _is_stored(random: Stored) -> bool:
    """Whether AWS takes the document: its YAML parser is another one than ours."""
    try:
        SSM.save(random.text, random.format)
    except AwsError:
        return False
    return True


def _turn(toggle: EncryptionSwitch, random: Stored, journal: Journal) -> AppliedOutcome | None:
    """Turn a switch. Nothing else changes; one that is a reference stays, and nothing is written."""
    before = SSM.stored(random.format)
    preferences = parse_preferences(before)
    plan = switch_plan(toggle, SSM.scope, before, preferences, caller())
    was = toggle.state(preferences)
    if not isinstance(plan, Plan):
        assert was in (EncryptedOnly.REFERENCE, EncryptedOnly.PARAMETER)
        return None
    outcome = apply(plan, SSM, journal)
    assert isinstance(outcome, AppliedOutcome), outcome
    after = SSM.stored(random.format)
    now = toggle.state(parse_preferences(after))
    assert now is (EncryptedOnly.OFF if was is EncryptedOnly.ON else EncryptedOnly.ON)
    assert _but_for(toggle, after) == _but_for(toggle, before)
    assert _one_word_changed(before.content.text, after.content.text)
    return outcome


def _one_word_changed(before: str, after: str) -> bool:
    """Whether the texts are the same but for `true` for `false` or the other way, and newlines at the end."""
    before, after = before.rstrip(), after.rstrip()
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    words = {text[start : len(text) - end].lower() for text in (before, after)}
    return words == {"tru", "fals"}


def _alike(one: str, other: str) -> int:
    """How many characters are the same, from the start on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _but_for(toggle: EncryptionSwitch, document: PreferencesDocument) -> object:
    told = _said(document)
    return {**told, "inputs": {**_inputs(document), toggle.field.name: None}}


def _inputs(document: PreferencesDocument) -> dict[str, object]:
    inputs = _said(document)["inputs"]
    assert isinstance(inputs, dict)
    return inputs


def _said(document: PreferencesDocument) -> Mapping[str, object]:
    assert isinstance(document.content, DocumentText)
    return document.content.said

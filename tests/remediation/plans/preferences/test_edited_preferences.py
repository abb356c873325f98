"""The fixes that write settings: edit, create, correct, align. What is refused, what is lost, what is to know."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ruamel.yaml import YAML

from ssmtui.model.choice import Choices
from ssmtui.model.document_text import DocumentFormat
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.plan import FactChange, FixNotApplicable, Plan, Reach
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences, parse_preferences
from ssmtui.model.storage import AccountBuckets, AccountLogGroups, Bucket, Key, LogGroup, WantedBucket, WantedKey
from ssmtui.remediation.plans.preferences.document_plan import align_preferences_versions
from ssmtui.remediation.plans.preferences.edit_preferences import create_preferences, edit_preferences
from ssmtui.remediation.plans.preferences.fields import FIELD, FIELDS
from ssmtui.remediation.plans.preferences.repair_preferences import repair_preferences
from ssmtui.remediation.plans.registry import all_fixes
from tests.remediation.plans.facts import ARN, REGION, SCOPE, caller, stored, text_of

NOTHING = NotApplicable("nothing was chosen")
ABSENT = Absent("the document SSM-SessionManagerRunShell", "ssm:GetDocument")
THERE = WantedBucket(Bucket("arn:aws:s3:::audit-2", "audit-2", REGION))
FOREIGN = WantedBucket(Bucket("arn:aws:s3:::audit-2", "audit-2", None, foreign=True))

BUCKETS = AccountBuckets(("audit", "audit-2"), more=False)
GROUPS = AccountLogGroups(
    (LogGroup("arn:a", "/a", None), LogGroup("arn:b", "/b", f"arn:aws:kms:{REGION}:123456789012:key/k")), more=False
)


def key(
    state: str = "Enabled", *, spec: str = "SYMMETRIC_DEFAULT", usage: str = "ENCRYPT_DECRYPT", region: str = REGION
) -> WantedKey:
    return WantedKey(Key(f"arn:aws:kms:{region}:123456789012:key/k", state, usage, spec))


def edited(
    values: dict[str, str],
    document: PreferencesDocument | Absent | None = None,
    *,
    who: CallerPreferencesPermissions | None = None,
    wanted_key: WantedKey | Absent | NotApplicable | Unreadable = NOTHING,
    bucket: WantedBucket | Absent | NotApplicable | Unreadable = NOTHING,
    group: Absent | NotApplicable | Unreadable = NOTHING,
) -> Plan | FixNotApplicable:
    held = document or stored(text_of())
    preferences = (
        SessionPreferences(ARN, document_exists=False) if isinstance(held, Absent) else parse_preferences(held)
    )
    choices = Choices(tuple(values.items()))
    return edit_preferences(
        SCOPE, held, preferences, who or caller(), wanted_key, bucket, group, GROUPS, BUCKETS, choices
    )


def plan(outcome: Plan | FixNotApplicable) -> Plan:
    assert isinstance(outcome, Plan), outcome
    return outcome


def refused(outcome: Plan | FixNotApplicable) -> FixNotApplicable:
    assert isinstance(outcome, FixNotApplicable), outcome
    return outcome


@pytest.mark.parametrize("format_", DocumentFormat)
def test_the_text_is_parsed_where_it_is_read_and_once_more_for_each_setting_written(
    format_: DocumentFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    of_json, of_yaml = json.loads, YAML.load

    def loads(text: str, **how: Any) -> object:
        parsed.append(text)
        return of_json(text, **how)

    def load(yaml: YAML, text: str) -> object:
        parsed.append(text)
        return of_yaml(yaml, text)

    monkeypatch.setattr(json, "loads", loads)
    monkeypatch.setattr(YAML, "load", load)
    text = text_of()  # JSON is YAML as well
    made = plan(edited({"idleSessionTimeout": "30", "runAsEnabled": "true"}, stored(text, format_=format_)))
    between = plan(edited({"idleSessionTimeout": "30"}, stored(text, format_=format_))).after
    assert parsed == [text, between, made.after, text, between]


def test_several_settings_are_one_change_of_the_document() -> None:
    made = plan(edited({"idleSessionTimeout": "30", "s3BucketName": "audit-2"}, bucket=THERE))
    assert made.title == "Change 2 session preferences"
    assert (made.before, made.after) == (text_of(), text_of(s3BucketName="audit-2", idleSessionTimeout="30"))
    assert [call.operation for call in made.calls] == ["UpdateDocument", "UpdateDocumentDefaultVersion"]
    assert (made.reach, made.confirmation, made.loses) == (Reach.REGION, REGION, "")
    assert [each.kind for each in made.facts_after] == [PreferencesDocument, SessionPreferences]


def test_one_setting_gives_the_change_its_title() -> None:
    assert plan(edited({"maxSessionDuration": "60"})).title == "Set maxSessionDuration to 60 in the session preferences"
    assert plan(edited({"s3BucketName": ""})).title == "Clear s3BucketName in the session preferences"
    shell = plan(edited({"shellProfile.linux": "cd /srv\nls"}))
    assert shell.title == "Set shellProfile.linux in the session preferences"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("s3EncryptionEnabled", "", "the value must be true or false"),
        ("runAsEnabled", "yes", "the value must be true or false"),
        ("idleSessionTimeout", "61", "from 1 to 60"),
        ("idleSessionTimeout", "0", "from 1 to 60"),
        ("idleSessionTimeout", "²", "from 1 to 60"),
        ("maxSessionDuration", "1441", "from 1 to 1440"),
        ("s3BucketName", "s3://audit", "only the bucket name"),
        ("s3BucketName", "Audit", "this is not a valid bucket name"),
        ("cloudWatchLogGroupName", "arn:aws:logs:eu-west-3:1:log-group:x", "only the name of the log group"),
        ("cloudWatchLogGroupName", "a b", "this is not a valid log group name"),
        ("s3KeyPrefix", "x" * 1025, "1,024"),
        ("s3KeyPrefix", "a\x1b[2J", "a control character"),
        ("runAsDefaultUser", "root", "does not run sessions as root"),
        ("runAsDefaultUser", "two words", "this is not a valid operating system user name"),
        ("kmsKeyId", "{{ssm:key}}", "a reference to a parameter cannot be checked"),
        ("shellProfile.linux", "ls\x00", "a control character"),
    ],
)
def test_what_a_setting_does_not_take_is_refused_with_the_reason(name: str, value: str, why: str) -> None:
    outcome = refused(edited({name: value}, bucket=THERE))
    assert f"{name} cannot be" in outcome.why
    assert why in outcome.why
    assert {each.name for each in outcome.choices} == FIELD.keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("idleSessionTimeout", ""),
        ("idleSessionTimeout", "60"),
        ("maxSessionDuration", "1440"),
        ("runAsDefaultUser", "CORP\\alex"),
        ("runAsDefaultUser", "svc-build$"),
        ("shellProfile.windows", "cd C:\\\nGet-Date\t"),
        ("s3KeyPrefix", "prod/été"),
    ],
)
def test_what_a_setting_takes_is_written(name: str, value: str) -> None:
    document = stored(text_of(idleSessionTimeout="20"))
    assert FIELD[name].of(parse_preferences(stored(plan(edited({name: value}, document)).after))) == value


def test_what_is_not_there_in_the_account_is_refused() -> None:
    absent = Absent("it", "any")
    told = edited({"s3BucketName": "audit-2", "cloudWatchLogGroupName": "/x"}, bucket=absent, group=absent)
    assert refused(told).why == (
        "s3BucketName cannot be audit-2: this bucket does not exist; "
        "cloudWatchLogGroupName cannot be /x: this log group does not exist: create it first"
    )
    for unusable, why in (
        (absent, "this key does not exist"),
        (key("Disabled"), "the state of the key is Disabled"),
        (key(spec="RSA_2048"), "the key is not a symmetric encryption key (RSA_2048, ENCRYPT_DECRYPT)"),
        (key(usage="GENERATE_VERIFY_MAC", spec="HMAC_256"), "the key is not a symmetric encryption key"),
        (key(region="us-east-1"), "the key is in another Region"),
        (NotApplicable("the key is in another Region"), "the key is in another Region"),
    ):
        assert why in refused(edited({"kmsKeyId": "k"}, wanted_key=unusable)).why


def test_what_could_not_be_looked_at_is_written_and_said() -> None:
    hidden = Unreadable("s3:ListBucket", "no")
    assert (
        "Whether the bucket exists could not be checked (needs s3:ListBucket)."
        in plan(edited({"s3BucketName": "audit-2"}, bucket=hidden)).notes
    )
    foreign = plan(edited({"s3BucketName": "audit-2"}, bucket=FOREIGN)).notes
    assert "The bucket belongs to another account and cannot be read." in foreign


def test_what_is_given_up_is_said() -> None:
    text = text_of(kmsKeyId="alias/x")
    values = {"kmsKeyId": "", "s3BucketName": "", "cloudWatchEncryptionEnabled": "false"}
    loses = plan(edited(values, stored(text))).loses
    assert "no longer encrypted with your KMS key" in loses
    assert "no longer logged to the S3 bucket audit" in loses
    assert "sessions start without an audit log and without an error" in loses
    assert plan(edited({"s3EncryptionEnabled": "true"}, stored(text_of(s3EncryptionEnabled=False)))).loses == ""


def test_what_settings_mean_together_is_said() -> None:
    text = text_of(s3BucketName="", cloudWatchLogGroupName="", s3EncryptionEnabled=False)
    values = {"runAsEnabled": "true", "cloudWatchStreamingEnabled": "true", "s3EncryptionEnabled": "true"}
    notes = " ".join(plan(edited(values, stored(text))).notes)
    assert "callers without the tag SSMSessionRunAs cannot start sessions on Linux nodes" in notes
    assert "s3EncryptionEnabled has no effect" in notes
    assert "Streaming has no effect" in notes
    keyed = " ".join(plan(edited({"kmsKeyId": "k", "runAsDefaultUser": "alex"}, wanted_key=key())).notes)
    assert "kms:GenerateDataKey" in keyed
    assert "The user must exist on every Linux node" in keyed


def test_nothing_chosen_asks_for_settings_and_names_what_each_is_now() -> None:
    outcome = refused(edited({}))
    assert outcome.why == "specify the settings to change and their values"
    assert [each.name for each in outcome.choices] == [field.name for field in FIELDS]
    assert next(each for each in outcome.choices if each.name == "s3BucketName").note == "current: audit"
    assert all(each.optional and each.free for each in outcome.choices)
    offered = {each.name: [one.value for one in each.candidates] for each in outcome.choices}
    assert (offered["runAsEnabled"], offered["cloudWatchLogGroupName"]) == (["true", "false"], ["/a", "/b"])
    assert offered["s3BucketName"] == ["audit", "audit-2"]


def test_what_is_so_already_and_a_name_that_is_none_are_refused() -> None:
    assert refused(edited({"s3BucketName": "audit"}, bucket=THERE)).why == "the preferences already have these values"
    assert refused(edited({"bucket": "audit"})).why == "bucket is not an option of this fix"


def test_a_document_that_cannot_be_written_asks_for_nothing() -> None:
    for outcome in (
        edited({}, who=caller("ssm:UpdateDocument")),
        edited({}, stored("{]")),
        edited({}, ABSENT, who=caller("ssm:CreateDocument")),
    ):
        assert refused(outcome).choices == ()


def test_editing_where_there_is_no_document_saves_one() -> None:
    made = plan(edited({"idleSessionTimeout": "45"}, ABSENT))
    assert [call.operation for call in made.calls] == ["CreateDocument"]
    assert json.loads(made.after)["inputs"]["idleSessionTimeout"] == "45"
    assert [call.operation for call in made.way_back.calls] == ["DeleteDocument"]


def created(values: dict[str, str], document: PreferencesDocument | Absent = ABSENT) -> Plan | FixNotApplicable:
    return create_preferences(SCOPE, document, caller(), NOTHING, NOTHING, NOTHING, Choices(tuple(values.items())))


def test_preferences_are_created_with_the_defaults_of_aws_or_with_what_was_chosen() -> None:
    made = plan(created({}))
    assert made.title == "Create session preferences for eu-west-3"
    said = parse_preferences(stored(made.after))
    assert said.faults == ()
    assert (said.kms_key, said.s3_bucket, said.log_group, said.run_as, said.idle_timeout) == ("", "", "", False, "20")
    assert "no logging" in made.notes[0]
    assert json.loads(plan(created({"runAsEnabled": "true"})).after)["inputs"]["runAsEnabled"] is True
    assert "from 1 to 60" in refused(created({"idleSessionTimeout": "x"})).why
    assert refused(created({}, stored(text_of()))).why == "this Region already has session preferences"


def repaired(text: str, format_: DocumentFormat = DocumentFormat.JSON, **chosen: str) -> Plan | FixNotApplicable:
    document = stored(text, format_=format_)
    choices = Choices(tuple(chosen.items()))
    return repair_preferences(SCOPE, document, parse_preferences(document), caller(), choices)


def test_every_value_that_the_agent_cannot_read_is_corrected_and_nothing_else() -> None:
    wrong: dict[str, object] = {
        "s3BucketName": "arn:aws:s3:::audit/prod/",
        "s3EncryptionEnabled": "on",
        "cloudWatchLogGroupName": "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm/sessions:*",
        "cloudWatchEncryptionEnabled": 1,
        "cloudWatchStreamingEnabled": "",
        "kmsKeyId": False,
        "unknown": {"a": [1, None]},
    }
    right = {
        **wrong,
        "s3BucketName": "audit",
        "s3EncryptionEnabled": True,
        "cloudWatchLogGroupName": "/ssm/sessions",
        "cloudWatchEncryptionEnabled": True,
        "cloudWatchStreamingEnabled": False,
        "kmsKeyId": "",
        "s3KeyPrefix": "prod",
    }
    made = plan(repaired(text_of(**wrong)))
    assert made.after == text_of(**right)
    assert "cloudWatchStreamingEnabled: the empty value means off and becomes false." in made.notes
    assert made.loses == ""


def test_a_switch_of_which_nobody_can_tell_what_it_was_to_be_is_asked_for() -> None:
    text = text_of(runAsEnabled="perhaps")
    asked = refused(repaired(text))
    assert [(each.name, [one.value for one in each.candidates]) for each in asked.choices] == [
        ("runAsEnabled", ["true", "false"])
    ]
    assert plan(repaired(text, runAsEnabled="false")).after == text_of(runAsEnabled=False)
    assert refused(repaired(text, runAsEnabled="maybe")).why == ("maybe is not a valid value for runAsEnabled")


@pytest.mark.parametrize(
    "text",
    [
        text_of(shellProfile="cd"),
        text_of(cloudWatchLogGroupName="arn:aws:logs:us-east-1:123456789012:log-group:/x"),
        text_of(idleSessionTimeout=["20"]),
    ],
)
def test_what_only_its_author_can_correct_is_left_to_a_hand(text: str) -> None:
    answer = refused(repaired(text))
    assert "must be edited by hand" in answer.why
    assert answer.steps is not None
    read, sound, write, default = answer.steps.copies
    assert read.endswith("--document-format JSON --query Content --output text > preferences.json")
    assert json.loads(sound)["schemaVersion"] == "1.0"
    # The version that was looked at: AWS refuses the text where somebody has written another one since.
    assert "--document-version 3 " in write
    assert "--content file://preferences.json" in write
    assert default.startswith("aws ssm update-document-default-version --region eu-west-3")
    (faults,) = parse_preferences(stored(text)).faults
    assert answer.steps.steps[1].text == f"Correct the text in the file: {faults}"


def test_a_document_that_cannot_be_read_at_all_is_left_to_a_hand() -> None:
    answer = refused(repaired("inputs: [", DocumentFormat.YAML))
    assert answer.why.startswith("the preferences document must be edited by hand: cannot be read as YAML")
    assert answer.steps is not None
    assert answer.steps.copies[0].endswith("--document-format YAML --query Content --output text > preferences.yaml")


def test_steps_are_no_help_to_whoever_may_not_write() -> None:
    document = stored(text_of(shellProfile="cd"))
    answer = repair_preferences(SCOPE, document, parse_preferences(document), caller("ssm:UpdateDocument"), Choices())
    assert isinstance(answer, FixNotApplicable)
    assert answer.steps is None
    assert "you are not allowed to use ssm:UpdateDocument" in answer.why


def test_what_can_be_corrected_is_although_something_else_stays() -> None:
    made = plan(repaired(text_of(runAsEnabled="off", idleSessionTimeout=["20"])))
    assert made.after == text_of(runAsEnabled=False, idleSessionTimeout=["20"])
    assert any("other errors, which stay: idleSessionTimeout" in note for note in made.notes)


def test_a_sound_document_needs_no_correction() -> None:
    assert refused(repaired(text_of())).why == "the preferences document has no errors"


def test_the_newest_version_becomes_the_default_and_back() -> None:
    document = stored(text_of(), latest="5", default="3")
    made = plan(align_preferences_versions(SCOPE, document, caller()))
    named = {"Name": "SSM-SessionManagerRunShell"}
    assert [dict(call.parameters) for call in made.calls] == [{**named, "DocumentVersion": "5"}]
    assert [dict(call.parameters) for call in made.way_back.calls] == [{**named, "DocumentVersion": "3"}]
    assert (made.before, made.after) == (document.default_content, document.content.text)
    (change,) = made.facts_after
    assert change == FactChange(PreferencesDocument, stored(text_of(), latest="5", default="5"))


def test_versions_in_step_and_a_caller_who_may_not_move_the_default_are_refused() -> None:
    assert "already" in refused(align_preferences_versions(SCOPE, stored(text_of()), caller())).why
    who = caller("ssm:UpdateDocumentDefaultVersion")
    drift = stored(text_of(), latest="5")
    assert "ssm:UpdateDocumentDefaultVersion" in refused(align_preferences_versions(SCOPE, drift, who)).why


def test_the_fixes_that_must_be_told_something_say_so() -> None:
    told = {slug for slug, fix in all_fixes().items() if fix.chooses}
    assert {"edit-preferences", "create-preferences", "repair-preferences", "choose-session-key"} <= told
    assert "align-preferences-versions" not in told

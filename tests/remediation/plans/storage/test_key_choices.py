"""The fixes that choose a key of the account, and the one that tags it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.iam_policy.document import Policy, parse_policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.choice import Candidate, Choices
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.plan import FactChange, FixNotApplicable, Plan
from ssmtui.model.sessions import JUST_IN_TIME_KEY_TAG
from ssmtui.model.storage import AccountKey, AccountKeyPolicies, AccountKeys, Key, KeyTags, LogGroup, WantedKey
from ssmtui.remediation.plans.preferences.edit_preferences import choose_session_key
from ssmtui.remediation.plans.storage import (
    admits_logs,
    encrypt_log_group,
    statement_for_logs,
    tag_key_for_access_requests,
)
from tests.builders.storage import a_key, a_log_group
from tests.remediation.plans.facts import REGION, SCOPE, caller, stored, text_of

ARN = f"arn:aws:kms:{REGION}:{SCOPE.account}:key/"
NOTHING = NotApplicable("no key was chosen")
GROUP = replace(a_log_group(), key_arn=None)


def named(name: str, key: Key | None = None, *, of_aws: bool = False) -> AccountKey:
    return AccountKey(replace(key or a_key(), arn=ARN + name), (f"alias/{name}",), of_aws)


GOOD = named("good")
KEYS = AccountKeys(
    (
        named("asleep", a_key("Disabled")),
        named("signer", a_key(spec="RSA_2048", usage="SIGN_VERIFY")),
        named("aws", of_aws=True),
        GOOD,
    ),
    unlooked=2,
)


def policy(*statements: object) -> Policy:
    return parse_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{SCOPE.account}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
ADMITTING = policy(ROOT, json.loads(statement_for_logs(SCOPE, GROUP)))

ADMITTED = AccountKeyPolicies(((GOOD.key.arn, ADMITTING),))


def chosen_key(
    key: str = "",
    *,
    keys: AccountKeys | Unreadable = KEYS,
    wanted: WantedKey | Absent | NotApplicable | Unreadable = NOTHING,
    session_key: Key | NotApplicable = NOTHING,
) -> Plan | FixNotApplicable:
    choices = Choices((("key", key),)) if key else Choices()
    return choose_session_key(SCOPE, stored(text_of()), caller(), session_key, keys, wanted, choices)


def encrypted(
    key: str = "",
    policies: AccountKeyPolicies | Unreadable = ADMITTED,
    *,
    group: LogGroup = GROUP,
    wanted: WantedKey | Absent | NotApplicable | Unreadable = NOTHING,
) -> Plan | FixNotApplicable:
    return encrypt_log_group(SCOPE, group, KEYS, policies, wanted, Choices((("key", key),)) if key else Choices())


def candidates(outcome: Plan | FixNotApplicable) -> dict[str, Candidate]:
    assert isinstance(outcome, FixNotApplicable)
    (choice,) = outcome.choices
    return {each.value.removeprefix(ARN): each for each in choice.candidates}


def test_the_keys_that_will_do_come_first_and_the_others_say_why_not() -> None:
    offered = candidates(chosen_key())
    assert {name: each.why_not for name, each in offered.items()} == {
        "good": "",
        "asleep": "the state of the key is Disabled",
        "signer": "the key is not a symmetric encryption key (RSA_2048, SIGN_VERIFY)",
        "aws": "AWS manages this key: your roles cannot be granted access to it",
    }
    assert next(iter(offered)) == "good"
    outcome = chosen_key()
    assert isinstance(outcome, FixNotApplicable)
    assert outcome.choices[0].note == "2 more keys could not be read."


@pytest.mark.parametrize("said", [GOOD.key.arn, "alias/good", "good"])
def test_a_key_is_written_by_its_arn_however_it_was_named(said: str) -> None:
    plan = chosen_key(said, wanted=WantedKey(GOOD.key))
    assert isinstance(plan, Plan)
    assert plan.after == text_of(kmsKeyId=GOOD.key.arn)
    assert plan.title == "Encrypt sessions with the key good"
    assert "kms:Decrypt" in " ".join(plan.notes)


def test_the_session_key_of_now_is_no_choice() -> None:
    assert candidates(chosen_key(session_key=GOOD.key))["good"].why_not == "this is already the session key"


def test_a_key_that_is_not_listed_can_be_named_and_is_looked_at() -> None:
    theirs = f"arn:aws:kms:{REGION}:999999999999:key/theirs"
    plan = chosen_key(theirs, wanted=WantedKey(replace(a_key(), arn=theirs)))
    assert isinstance(plan, Plan)
    assert plan.after == text_of(kmsKeyId=theirs)
    for answer, why in (
        (Absent("the key", "kms:DescribeKey"), "this key does not exist"),
        (NOTHING, "no key was chosen"),
    ):
        told = chosen_key(theirs, wanted=answer)
        assert isinstance(told, FixNotApplicable)
        assert told.why == f"{theirs} is not possible: {why}"
        assert told.choices


def test_where_keys_may_not_be_listed_one_is_named_by_hand() -> None:
    outcome = chosen_key(keys=Unreadable("kms:ListKeys", "no"))
    assert candidates(outcome) == {}
    assert isinstance(outcome, FixNotApplicable)
    assert "kms:ListKeys" in outcome.choices[0].note


def test_a_key_whose_policy_does_not_admit_logs_is_dim_with_the_statement_that_it_needs() -> None:
    closed = candidates(encrypted(policies=AccountKeyPolicies(((GOOD.key.arn, policy(ROOT)),))))["good"]
    assert closed.why_not == f"the key policy does not allow logs.{REGION}.amazonaws.com"
    assert json.loads(closed.remedy) == {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": GROUP.arn}},
    }
    assert candidates(encrypted())["good"].why_not == ""
    assert candidates(encrypted())["asleep"].remedy == ""


def test_admission_is_of_this_service_this_group_and_all_that_it_does() -> None:
    other = replace(GROUP, arn=f"{GROUP.arn}-of-another")
    everywhere = {**json.loads(statement_for_logs(SCOPE, GROUP)), "Condition": {}}
    only_encrypt = {**everywhere, "Action": "kms:Encrypt"}
    unknown = {**everywhere, "Condition": {"StringEquals": {"aws:SourceAccount": SCOPE.account}}}
    deny = {**everywhere, "Effect": "Deny"}
    for statements, truth in (
        ((json.loads(statement_for_logs(SCOPE, GROUP)),), Truth.YES),
        ((everywhere,), Truth.YES),
        ((json.loads(statement_for_logs(SCOPE, other)),), Truth.NO),
        ((only_encrypt,), Truth.NO),
        ((everywhere, deny), Truth.NO),
        ((unknown,), Truth.PERHAPS),
        ((ROOT,), Truth.NO),
    ):
        assert admits_logs(SCOPE, GROUP, GOOD.key.arn, policy(*statements)) is truth, statements


def test_a_log_group_gets_a_key_and_loses_it_again() -> None:
    plan = encrypted("alias/good", wanted=WantedKey(GOOD.key))
    assert isinstance(plan, Plan)
    call = {"logGroupName": GROUP.name, "kmsKeyId": GOOD.key.arn}
    assert [(each.operation, dict(each.parameters)) for each in plan.calls] == [("AssociateKmsKey", call)]
    assert [each.operation for each in plan.way_back.calls] == ["DisassociateKmsKey"]
    assert plan.facts_after == (FactChange(LogGroup, replace(GROUP, key_arn=GOOD.key.arn)),)
    assert plan.settles_within == timedelta(minutes=5)
    assert not any("could not be determined" in note for note in plan.notes)


def test_a_log_group_with_a_key_gets_that_one_back() -> None:
    plan = encrypted(GOOD.key.arn, group=replace(GROUP, key_arn=ARN + "old"), wanted=WantedKey(GOOD.key))
    assert isinstance(plan, Plan)
    (back,) = plan.way_back.calls
    assert (back.operation, back.parameters["kmsKeyId"]) == ("AssociateKmsKey", ARN + "old")


def test_where_the_policy_could_not_be_read_the_key_may_be_tried() -> None:
    plan = encrypted("good", Unreadable("kms:GetKeyPolicy", "no"), wanted=WantedKey(GOOD.key))
    assert isinstance(plan, Plan)
    assert any(f"allows logs.{REGION}.amazonaws.com could not be determined" in note for note in plan.notes)


def test_a_key_is_tagged_and_loses_the_tag_again() -> None:
    plan = tag_key_for_access_requests(SCOPE, GOOD.key, KeyTags(GOOD.key.arn, (("Team", "Platform"),)))
    assert isinstance(plan, Plan)
    assert plan.before == "TagKey=Team TagValue=Platform"
    assert plan.after == f"TagKey={JUST_IN_TIME_KEY_TAG} TagValue=true\nTagKey=Team TagValue=Platform"
    assert [each.operation for each in plan.way_back.calls] == ["UntagResource"]


def test_a_tag_of_another_value_is_written_back() -> None:
    plan = tag_key_for_access_requests(SCOPE, GOOD.key, KeyTags(GOOD.key.arn, ((JUST_IN_TIME_KEY_TAG, "false"),)))
    assert isinstance(plan, Plan)
    assert plan.way_back.calls[0].parameters["Tags"] == [{"TagKey": JUST_IN_TIME_KEY_TAG, "TagValue": "false"}]


def test_a_key_with_the_tag_and_one_of_another_account_are_refused() -> None:
    tagged = tag_key_for_access_requests(SCOPE, GOOD.key, KeyTags(GOOD.key.arn, ((JUST_IN_TIME_KEY_TAG, "true"),)))
    theirs = replace(GOOD.key, arn=GOOD.key.arn.replace(SCOPE.account, "999999999999"))
    foreign = tag_key_for_access_requests(SCOPE, theirs, KeyTags(theirs.arn, ()))
    assert isinstance(tagged, FixNotApplicable)
    assert "already" in tagged.why
    assert isinstance(foreign, FixNotApplicable)
    assert "999999999999" in foreign.why

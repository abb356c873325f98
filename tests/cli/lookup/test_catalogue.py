"""`ssmtui causes`, `checks`, `policy` and `schema`: they ask nobody, so they work without credentials and offline."""

from __future__ import annotations

import json

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.registry import all_checks
from ssmtui.cli.policy_actions import actions_for, actions_of
from ssmtui.evidence.readers.node_listing import LISTING_ACTIONS
from ssmtui.report.catalogue import cause_lines, check_lines
from ssmtui.report.policy import PolicyTarget, Purpose, policy_document
from ssmtui.report.schema import Schema
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui

COMMANDS = [
    ("causes",),
    ("causes", "--format", "json"),
    ("checks",),
    ("checks", "--format", "json"),
    ("policy", "--account", "123456789012"),
    ("schema",),
    ("schema", "explain"),
]


@pytest.mark.parametrize("line", COMMANDS)
def test_nobody_is_asked(line: tuple[str, ...], ssmtui: Ssmtui, aws: SimulatedAws) -> None:
    told = ssmtui(*line)
    assert (told.returncode, told.stderr) == (0, "")
    assert aws.journal.entries == ()


def test_causes_are_the_catalogue(ssmtui: Ssmtui) -> None:
    table = ssmtui("causes").stdout.splitlines()
    assert {line.split()[0] for line in table[1:]} == set(catalogue())
    document = json.loads(ssmtui("causes", "--format", "json").stdout)
    assert {each["slug"] for each in document["causes"]} == set(catalogue())


def test_a_cause_is_shown_by_its_slug(ssmtui: Ssmtui) -> None:
    slug = "log-group-missing"
    assert ssmtui("causes", slug).stdout == "".join(f"{line}\n" for line in cause_lines(catalogue()[slug]))
    (cause,) = json.loads(ssmtui("causes", slug, "--format", "json").stdout)["causes"]
    assert cause["slug"] == slug
    wrong = ssmtui("causes", "log-group-mising")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Did you mean log-group-missing?" in wrong.stderr


@pytest.mark.parametrize(
    ("options", "document"), [((), Schema.REPORT), (("report",), Schema.REPORT), (("explain",), Schema.EXPLAIN)]
)
def test_a_schema_is_printed_as_it_is_shipped(options: tuple[str, ...], document: Schema, ssmtui: Ssmtui) -> None:
    assert ssmtui("schema", *options).stdout == document.text


def test_there_is_no_other_schema(ssmtui: Ssmtui) -> None:
    told = ssmtui("schema", "journal")
    assert (told.returncode, told.stdout) == (2, "")
    assert "'report', 'explain'" in told.stderr


def test_checks_are_what_a_diagnosis_runs(ssmtui: Ssmtui) -> None:
    actions = {check.name: actions_of(check) for check in all_checks()}
    assert ssmtui("checks").stdout.splitlines() == list(check_lines(all_checks(), actions, LISTING_ACTIONS))
    document = json.loads(ssmtui("checks", "--format", "json").stdout)
    assert [each["name"] for each in document["checks"]] == [check.name for check in all_checks()]


@pytest.mark.parametrize(
    ("options", "purposes"),
    [
        ((), [Purpose.READ]),
        (("--read",), [Purpose.READ]),
        (("--fixes",), [Purpose.FIXES]),
        (("--read", "--fixes"), [Purpose.READ, Purpose.FIXES]),
        (("--sessions",), [Purpose.SESSIONS]),
        (("--read", "--fixes", "--sessions"), list(Purpose)),
    ],
)
def test_a_policy_is_printed_for_what_is_asked(
    options: tuple[str, ...], purposes: list[Purpose], ssmtui: Ssmtui
) -> None:
    assert json.loads(ssmtui("policy", *options).stdout) == json.loads(
        json.dumps(policy_document(actions_for(purposes)))
    )


def test_a_policy_is_narrowed_to_an_account_and_regions(ssmtui: Ssmtui) -> None:
    told = ssmtui("policy", "--fixes", "--account", "123456789012", "--region", "eu-west-3")
    target = PolicyTarget("123456789012", ("eu-west-3",), "aws")
    assert json.loads(told.stdout) == json.loads(json.dumps(policy_document(actions_for([Purpose.FIXES]), target)))
    assert told.stderr == ""
    assert "ACCOUNT_ID" in ssmtui("policy").stderr
    regions = [word for each in ("eu-west-3", "us-east-1", "eu-central-1", "ap-south-1") for word in ("--region", each)]
    assert "Print --read, --fixes and --sessions separately" in ssmtui("policy", "--read", "--fixes", *regions).stderr
    assert ssmtui("policy", "--account", "12").returncode == 2
    assert ssmtui("policy", "--region", "nowhere").returncode == 2


def test_a_policy_for_sessions_says_what_to_leave_out_where_access_is_asked_for_each_time(ssmtui: Ssmtui) -> None:
    told = ssmtui("policy", "--sessions", "--account", "123456789012")
    assert "leave out ssm:StartSession" in told.stderr

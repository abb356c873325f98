"""Other accounts from the command line: roles, an organization, profiles and Regions by pattern."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.organization import AUDIT, LABS, LABS_EXTERNAL_ID, SHOP, VAULT
from tests.cli.conftest import Ssmtui
from tests.remediation.export.stock_cli import stock_cli

OWN = "123456789012"
REGION = "eu-west-3"
PREFERENCES = f"arn:aws:ssm:{REGION}:{SHOP}:document/SSM-SessionManagerRunShell"


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/{AUDIT}"


@pytest.fixture(autouse=True)
def an_organization(aws: SimulatedAws) -> None:
    aws.load("organization")
    aws.journal.clear()


def report(told: Any) -> Any:
    return json.loads(told.stdout)


def asked(aws: SimulatedAws, operation: str) -> list[tuple[str, int]]:
    return [(each.account, each.status) for each in aws.journal.entries if each.operation == operation]


def test_a_role_is_another_account(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    told = ssmtui("check", "--role-arn", role(SHOP), "--format", "json")
    assert told.returncode == 3
    (scope,) = report(told)["scopes"]
    assert (scope["account"], scope["role"], scope["error"]) == (SHOP, role(SHOP), None)
    assert scope["caller"] == f"arn:aws:sts::{SHOP}:assumed-role/{AUDIT}/ssmtui-alex"
    nodes = report(told)["nodes"]
    assert {(node["name"], node["account"], node["verdict"]) for node in nodes} == {
        ("till-1", SHOP, "ok"),
        ("till-2", SHOP, "fail"),
    }
    assert {each.account for each in aws.journal.entries if each.service not in {"sts"}} == {SHOP}


def test_every_account_of_an_organization_is_a_scope_and_those_that_refuse_say_why(
    aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    told = ssmtui("check", "--organization", AUDIT, "--format", "json", "--fail-on", "never")
    assert told.returncode == 0
    scopes = {scope["account"]: scope for scope in report(told)["scopes"]}
    assert {account: scope["role"] for account, scope in scopes.items()} == {
        OWN: None,
        SHOP: role(SHOP),
        LABS: role(LABS),
        VAULT: role(VAULT),
    }
    assert {account for account, scope in scopes.items() if scope["error"] is None} == {OWN, SHOP}
    for account in (LABS, VAULT):
        assert "sts:AssumeRole" in scopes[account]["error"]
        assert f"The role {role(account)}" in told.stderr or role(account) in told.stderr
    assert "trust policy" in told.stderr
    assert {node["account"] for node in report(told)["nodes"]} == {OWN, SHOP}
    assert asked(aws, "ListAccounts") == [(OWN, 200)]


def test_a_scope_in_error_counts_as_unknown(ssmtui: Ssmtui) -> None:
    line = ("check", "--organization", AUDIT, "--account", OWN, "--account", VAULT, "web-1")
    assert ssmtui(*line).returncode == 0
    assert ssmtui(*line, "--fail-on", "unknown").returncode == 3


def test_where_every_scope_is_in_error_nothing_could_be_told(ssmtui: Ssmtui) -> None:
    told = ssmtui("check", "--role-arn", role(VAULT), "--role-arn", role(LABS))
    assert told.returncode == 4
    assert "Two policies must allow sts:AssumeRole" in told.stdout


def test_an_external_id_is_told_to_the_owner_of_a_role(ssmtui: Ssmtui) -> None:
    told = ssmtui("check", "--role-arn", role(LABS), "--external-id", LABS_EXTERNAL_ID, "--format", "json")
    assert told.returncode == 0
    assert [(node["name"], node["verdict"]) for node in report(told)["nodes"]] == [("bench-1", "ok")]


def test_accounts_may_be_named(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    told = ssmtui("check", "--organization", AUDIT, "--account", SHOP, "--format", "json")
    assert [scope["account"] for scope in report(told)["scopes"]] == [SHOP]
    assert asked(aws, "ListAccounts") == []


def test_scopes_come_as_they_answer(ssmtui: Ssmtui) -> None:
    told = ssmtui("check", "--organization", AUDIT, "--format", "ndjson")
    scopes = [each for each in map(json.loads, told.stdout.splitlines()) if each["event"] == "scope"]
    assert {scope["account"] for scope in scopes} == {OWN, SHOP, LABS, VAULT}
    assert {scope["account"] for scope in scopes if scope["error"]} == {LABS, VAULT}


def test_the_table_tells_the_accounts_apart(ssmtui: Ssmtui) -> None:
    told = ssmtui("check", "--organization", AUDIT).stdout
    assert "ACCOUNT" in told
    assert any("till-1" in line and SHOP in line for line in told.splitlines())
    assert "ACCOUNT" not in ssmtui("check", "--role-arn", role(SHOP)).stdout


def test_a_change_is_made_and_taken_back_in_the_role(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    line = ("fix", "preferences-absent", "--subject", PREFERENCES, "--role-arn", role(SHOP), "--yes")
    assert ssmtui(*line).returncode == 0
    assert asked(aws, "CreateDocument") == [(SHOP, 200)]
    assert f"{SHOP} {REGION}" in ssmtui("undo", "--list").stdout
    assert ssmtui("undo", "--role-arn", role(LABS)).returncode == 5
    told = ssmtui("undo", "--yes")
    assert told.returncode == 0
    assert asked(aws, "DeleteDocument") == [(SHOP, 200)]


def test_a_change_that_is_handed_over_is_made_in_the_role_by_the_stock_cli(
    aws: SimulatedAws, ssmtui: Ssmtui, tmp_path_factory: pytest.TempPathFactory
) -> None:
    line = ("fix", "preferences-absent", "--subject", PREFERENCES, "--role-arn", role(SHOP))
    powershell = ssmtui(*line, "--as", "powershell").stdout
    assert f"aws sts assume-role --role-arn '{role(SHOP)}'" in powershell
    script = ssmtui(*line, "--as", "cli").stdout
    with stock_cli(tmp_path_factory.mktemp("cli")) as cli:
        told = cli.run(script, aws)
    assert told.returncode == 0, told.stderr
    assert asked(aws, "CreateDocument") == [(SHOP, 200)]


def test_what_may_not_be_taken_back_in_a_role_any_more_says_so(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    labs = ("--role-arn", role(LABS), "--external-id", LABS_EXTERNAL_ID)
    line = ("fix", "preferences-absent", "--subject", PREFERENCES.replace(SHOP, LABS), *labs, "--yes")
    assert ssmtui(*line).returncode == 0
    told = ssmtui("undo", "--yes")
    assert told.returncode == 5
    assert "--external-id" in told.stderr
    assert asked(aws, "DeleteDocument") == []
    assert ssmtui("undo", "--yes", "--external-id", LABS_EXTERNAL_ID).returncode == 0


def test_a_node_is_found_in_whichever_account_it_is(ssmtui: Ssmtui) -> None:
    text = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0 is not connected."
    told = ssmtui("explain", text, "--node", "till-2", "--organization", AUDIT)
    assert told.returncode == 0
    here, first, *_ = told.stdout.splitlines()
    assert (here, "not-registered:" in first.split()) == ("✖ true here", True)


def test_hosts_of_ssh_are_reached_in_the_role(ssmtui: Ssmtui) -> None:
    told = ssmtui("ssh-config", "till-1", "--organization", AUDIT)
    assert f"--role-arn {role(SHOP)} --region {REGION}" in told.stdout


def test_a_session_is_opened_in_the_role(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    told = ssmtui("probe", "till-1", "--role-arn", role(SHOP), "--yes")
    assert told.returncode == 0, told.stdout + told.stderr
    assert asked(aws, "StartSession") == [(SHOP, 200)]
    assert asked(aws, "TerminateSession") == [(SHOP, 200)]


def test_credentials_of_a_role_come_to_their_end(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    assert ssmtui("check", "--role-arn", role(SHOP), "--fail-on", "never").returncode == 0
    aws.pass_time(timedelta(hours=2))
    assert ssmtui("check", "--role-arn", role(SHOP), "--fail-on", "never").returncode == 0


def test_the_configuration_file_names_them_too(ssmtui: Ssmtui, tmp_path: Path) -> None:
    file = tmp_path / "ssmtui.toml"
    file.write_text(f'organization = "{AUDIT}"\naccount = ["{SHOP}"]\n')
    line = ("check", "--config", str(file), "--format", "json")
    assert [scope["account"] for scope in report(ssmtui(*line))["scopes"]] == [SHOP]
    assert [scope["account"] for scope in report(ssmtui(*line, "--account", OWN))["scopes"]] == [OWN]
    assert [scope["account"] for scope in report(ssmtui(*line, "--organization", ""))["scopes"]] == [OWN]
    assert [scope["account"] for scope in report(ssmtui(*line, "--role-arn", role(SHOP)))["scopes"]] == [SHOP]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (("--role-arn", "Audit"), 2, "is not the ARN of a role"),
        (("--organization", "arn:aws:iam::123456789012:role/Audit"), 2, "name a role"),
        (("--organization", "Audit", "--account", "12345"), 2, "12-digit account ID"),
        (("--account", OWN), 2, "--organization"),
        (("--organization", "Audit", "--external-id", "a b"), 2, "not an external ID"),
        (("--profile", "prd-*"), 4, "Did you mean prod-eu or prod-us?"),
        (("--profile", "prod-eu", "--region", "eu-wst*"), 4, REGION),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_is_near(
    ssmtui: Ssmtui, tmp_path: Path, line: tuple[str, ...], code: int, words: str
) -> None:
    told = ssmtui("check", *line, AWS_CONFIG_FILE=str(two_profiles(tmp_path)))
    assert told.returncode == code
    assert words in told.stdout + told.stderr


def test_profiles_and_regions_by_pattern(ssmtui: Ssmtui, tmp_path: Path) -> None:
    line = ("check", "--profile", "prod-*", "--region", "eu-west-*", "--format", "json", "web-1")
    told = ssmtui(*line, AWS_CONFIG_FILE=str(two_profiles(tmp_path)))
    scopes = {(scope["profile"], scope["region"]) for scope in report(told)["scopes"]}
    assert {profile for profile, _ in scopes} == {"prod-eu", "prod-us"}
    assert ("prod-eu", REGION) in scopes
    assert all(region.startswith("eu-west-") for _, region in scopes)


def two_profiles(folder: Path) -> Path:
    # Keys of the environment come before those of a profile that is not named: these have their own.
    keys = (
        "aws_access_key_id = ASIASIMULATORCALLER1\naws_secret_access_key = simulated\naws_session_token = simulated\n"
    )
    file = folder / "aws-config"
    file.write_text("".join(f"[profile {name}]\n{keys}" for name in ("prod-eu", "prod-us", "dev")))
    return file


def test_the_policy_has_what_it_takes_where_it_is_asked_for(ssmtui: Ssmtui) -> None:
    plain = report(ssmtui("policy", "--account", OWN))
    assert "sts:AssumeRole" not in json.dumps(plain)
    assert "organizations:ListAccounts" not in json.dumps(plain)
    both = report(ssmtui("policy", "--account", OWN, "--organization", AUDIT, "--role-arn", role(LABS)))
    (taken,) = [each for each in both["Statement"] if each["Action"] == ["sts:AssumeRole"]]
    assert taken["Resource"] == [f"arn:*:iam::*:role/{AUDIT}", role(LABS)]
    (everything,) = [each for each in both["Statement"] if "organizations:ListAccounts" in each["Action"]]
    assert everything["Resource"] == "*"

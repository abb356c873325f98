"""`ssmtui explain`, as scripts and people call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.errors import UsageError
from ssmtui.cli.explain import MOST, standard_input
from ssmtui.report.catalogue import NOT_KNOWN, WHAT_NEXT, cause_lines
from ssmtui.report.schema import Schema
from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import SETUP_ACCESS_KEY
from tests.causes.texts import NODE, NODE_ARN, SEED, refused, unauthorized
from tests.cli.conftest import Ssmtui
from tests.preloaded.command_line import run
from tests.remediation.apply.faulty_worlds import stopped
from tests.report.schemas import hold
from tests.simulator.clients import client, ids_by_name

DENIED = refused("AccessDeniedException", "StartSession", unauthorized("ssm:StartSession", NODE_ARN))


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


class Told:
    """Runs `ssmtui explain` without an account, a home or a network."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *line: str, pasted: bytes = b"") -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}
        return run("explain", *line, environment=environment, folder=self.home, given=pasted)


def test_json_names_the_causes_likeliest_first_with_the_fields(told: Told) -> None:
    answer = told("--format", "json", DENIED)
    unchecked = f"ssmtui: Not checked: {NODE}. No AWS credentials were found.\n"
    assert (answer.returncode, answer.stderr) == (0, unchecked)
    document = json.loads(answer.stdout)
    hold(document, Schema.EXPLAIN)
    first = document["matches"][0]
    assert (first["cause"], first["true_here"]) == ("caller-start-denied", None)
    assert first["fields"]["arn"] == NODE_ARN


def test_the_steps_name_what_the_text_names(told: Told) -> None:
    key = "arn:aws:kms:eu-west-3:123456789012:key/11111111-2222-3333-4444-555555555555"
    denied = unauthorized("kms:GenerateDataKey", key)
    answer = told(f"Error calling KMS GenerateDataKey API: AccessDeniedException: {denied}")
    assert f'"Resource": "{key}"' in answer.stdout
    assert "KEY_ARN" not in answer.stdout


def test_standard_input_is_read_where_no_argument_is_given(told: Told) -> None:
    answer = told(pasted=SEED[2].text.encode())
    assert answer.returncode == 0
    assert answer.stdout.startswith(" 90%  s3-encryption-unreadable: ")
    assert "How to resolve\n1. Allow the role of the node" in answer.stdout
    assert "**" not in answer.stdout
    assert "`" not in answer.stdout


def test_words_need_no_quotation_marks(told: Told) -> None:
    assert "plugin-missing" in told("SessionManagerPlugin", "is", "not", "found.").stdout


def test_a_text_may_begin_with_dashes(told: Told) -> None:
    answer = told("----------ERROR------- Failed to parse commands input: x", "--format", "json")
    assert [each["cause"] for each in json.loads(answer.stdout)["matches"]] == ["command-invalid"]


def test_what_is_not_known_could_not_be_told_and_is_not_guessed(told: Told) -> None:
    answer = told(pasted=b"\xff\xfe lorem ipsum")
    assert (answer.returncode, answer.stdout) == (
        4,
        f"{NOT_KNOWN}\n{WHAT_NEXT}\n",
    )
    unknown = told("lorem", "--format", "json")
    assert (unknown.returncode, json.loads(unknown.stdout)["matches"]) == (4, [])


@pytest.mark.parametrize("line", [(), ("",), ("--nodes", "i-1", "x"), ("--format", "xml", "x")])
def test_nothing_to_explain_and_unknown_options_are_usage_errors(told: Told, line: tuple[str, ...]) -> None:
    answer = told(*line)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.count("\n") <= 3
    assert "Traceback" not in answer.stderr


def test_control_sequences_in_a_text_do_not_reach_the_terminal(told: Told) -> None:
    answer = told("Document with name \x1b]0;x\x07 SSM-SessionManagerRunShell does not exist \x1b[2J")
    assert "document-invalid" in answer.stdout
    assert "\x1b" not in answer.stdout


def here(ssmtui: Ssmtui, node: str) -> dict[str, bool | None]:
    answer = ssmtui("explain", "--node", node, "--format", "json", SEED[3].text)
    assert (answer.returncode, answer.stderr) == (0, "")
    document = json.loads(answer.stdout)
    hold(document, Schema.EXPLAIN)
    return {each["cause"]: each["true_here"] for each in document["matches"]}


def test_with_a_node_it_says_which_of_the_causes_is_true_there(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    aws.journal.clear()
    broken, healthy = here(ssmtui, "queue-1"), here(ssmtui, "web-1")
    assert broken["log-group-unreadable"] is True
    assert True not in (broken["log-group-unencrypted"], broken["log-group-missing"])
    assert set(healthy.values()) == {False}
    assert [entry for entry in aws.journal.entries if entry.write] == []


def test_with_a_node_people_read_the_resolution_of_what_is_true_there(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    answer = ssmtui("explain", "--node", "queue-1", SEED[3].text)
    first = answer.stdout.partition("\n\n")[0].splitlines()
    assert first[0] == "✖ true here"
    assert (first[1].split()[1], first[2]) == ("log-group-unreadable:", "? unknown")
    assert [line.split()[1] for line in answer.stdout.splitlines() if line.startswith("── ")] == [
        "log-group-unreadable:"
    ]


def test_with_a_node_the_commands_of_the_resolution_name_it(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load(stopped())
    assert "start-instances --instance-ids INSTANCE_ID" in ssmtui("explain", "instance-not-running").stdout
    told = ssmtui("explain", "--node", "dev-1", "instance-not-running").stdout
    assert f"start-instances --instance-ids {ids_by_name(aws.regions[0])['dev-1']}" in told


def test_a_node_that_the_text_names_is_checked(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    aws.journal.clear()
    id_ = ids_by_name(aws.regions[0])["queue-1"]
    text = f"Starting session with SessionId: alex-0a1b2c3d4e5f67890 on {id_}\n{SEED[3].text}"
    answer = ssmtui("explain", text)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("✖ true here\n 60%  log-group-unreadable: ")
    assert answer.stdout.endswith(f"\nMore: ssmtui explain --node {id_} CAUSE\n")
    assert answer.stdout.count("── ") == 1
    assert ssmtui("explain", "--node", "queue-1", text).stdout.splitlines()[:3] == answer.stdout.splitlines()[:3]
    assert [entry for entry in aws.journal.entries if entry.write] == []


def test_of_a_node_that_is_not_connected_the_true_cause_is_first_even_if_the_text_does_not_name_it(
    aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("egress-blocked")
    id_ = ids_by_name(aws.regions[0])["forensics-1"]
    text = f"An error occurred (TargetNotConnected) when calling the StartSession operation: {id_} is not connected."
    answer = ssmtui("explain", text)
    assert (answer.returncode, answer.stdout.splitlines()[0]) == (0, "✖ true here")
    assert answer.stdout.splitlines()[1].split()[0] == "egress-blocked:"
    assert "── egress-blocked:" in answer.stdout
    document = json.loads(ssmtui("explain", "--format", "json", text).stdout)
    hold(document, Schema.EXPLAIN)
    assert document["also_here"] == ["egress-blocked"]
    assert document["order"][0] == "egress-blocked"


def test_a_node_of_the_text_that_is_not_there_is_said_to_be_unchecked(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    answer = ssmtui("explain", "TargetNotConnected: i-0123456789abcdef0 is not connected.")
    assert answer.returncode == 0
    assert answer.stderr == ("ssmtui: Not checked: i-0123456789abcdef0. This ID is not in 123456789012 eu-west-3.\n")
    assert "true here" not in answer.stdout
    assert "wrong-region-or-account" in answer.stdout


def test_a_node_that_cannot_be_looked_at_leaves_what_the_text_tells(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    answer = ssmtui("explain", "--node", "nobody", "--format", "json", SEED[3].text)
    assert (answer.returncode, answer.stderr.count("\n")) == (4, 1)
    assert "Unknown node: nobody." in answer.stderr
    assert {each["true_here"] for each in json.loads(answer.stdout)["matches"]} == {None}
    aws.load("log-group-unreadable")
    keyless = ssmtui("explain", "--node", "queue-1", SEED[3].text, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    assert keyless.returncode == 4
    assert "log-group-unencrypted" in keyless.stdout


def refusal_of_a_role(aws: SimulatedAws) -> str:
    """What AWS says to somebody whose policy denies iam:GetRole."""
    aws.load("healthy-small")
    state.mark_changed()
    deny = {
        "Version": "2012-10-17",
        "Statement": {"Sid": "NoRoles", "Effect": "Deny", "Action": "iam:GetRole", "Resource": "*"},
    }
    seeding = client(aws, "iam", access_key=SETUP_ACCESS_KEY)
    arn = seeding.create_policy(PolicyName="NoRoles", PolicyDocument=json.dumps(deny))["Policy"]["Arn"]
    seeding.attach_role_policy(RoleName="Engineer", PolicyArn=arn)
    with pytest.raises(ClientError) as refused_:
        client(aws, "iam").get_role(RoleName="web")
    return str(refused_.value)


def test_a_refusal_with_an_authorization_id_is_told_in_aws_own_words(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    said = refusal_of_a_role(aws)
    answer = ssmtui("explain", "--format", "json", said)
    document = json.loads(answer.stdout)
    hold(document, Schema.EXPLAIN)
    (denial,) = document["denials"]
    policy = "arn:aws:iam::123456789012:policy/NoRoles"
    assert (denial["action"], denial["explicit"], denial["policy"]) == ("iam:GetRole", True, policy)
    assert (denial["confidence"], denial["decision"]) == ("proved", "EXPLICIT_DENY")
    assert denial["source"] == "iam-toolbox:GetRequestAuthorizationDetails"
    assert [(each["policy"], each["sids"]) for each in denial["statements"]] == [(policy, ["NoRoles"])]
    assert [entry for entry in aws.journal.entries if entry.write] == []

    of_a_node = ssmtui("explain", "--node", "web-1", said).stdout
    assert (
        "proved: AWS reports the statement that denies iam:GetRole on arn:aws:iam::123456789012:role/web" in of_a_node
    )


def test_without_credentials_a_refusal_says_what_would_settle_it(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    said = refusal_of_a_role(aws)
    answer = ssmtui("explain", said, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    assert (answer.returncode, answer.stderr) == (4, "")
    assert "iam:GetRole on role web was explicitly denied (identity-based policy arn:aws:iam" in answer.stdout
    assert "iam:GetRequestAuthorizationDetails would show the denying statement" in answer.stdout


def test_a_refusal_of_something_else_than_sessions_gets_no_answer(told: Told) -> None:
    said = "User: arn:aws:iam::123456789012:user/a is not authorized to perform: rds:CreateDBInstance"
    assert json.loads(told("--format", "json", said).stdout) == {
        "schema": "ssmtui.explain/1",
        "matches": [],
        "denials": [],
    }


def test_a_slug_is_explained_as_its_cause_and_one_that_is_nearly_one_is_not_known(told: Told) -> None:
    page = "\n".join(cause_lines(catalogue()["kms-node-denied"]))
    assert told("kms-node-denied").stdout == f"{page}\n"
    (match,) = json.loads(told("--format", "json", "kms-node-denied").stdout)["matches"]
    assert (match["cause"], match["likelihood"]) == ("kms-node-denied", 1.0)
    near = told("--format", "json", "kms-node-denid")
    assert (near.returncode, json.loads(near.stdout)["matches"]) == (4, [])
    assert near.stderr == f"ssmtui: {NOT_KNOWN} {WHAT_NEXT}\nssmtui: Did you mean kms-node-denied?\n"


def test_of_standard_input_without_an_end_so_much_is_read_that_it_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(b"x" * (MOST + 1))
    with (tmp_path / "log").open(encoding="utf-8") as log:
        monkeypatch.setattr(sys, "stdin", log)
        with pytest.raises(UsageError) as refused_:
            standard_input()
    assert str(refused_.value) == (
        "standard input has more than 32 MB: give only the part with the error, for example  "
        "tail -n 1000 FILE | ssmtui explain"
    )

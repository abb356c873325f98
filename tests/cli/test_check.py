from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from ssmtui.report.schema import Schema
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui, a_plugin
from tests.report.schemas import hold
from tests.simulator.clients import administrator


def one_sentence(told: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in told.stderr
    lines = told.stderr.splitlines()
    assert len(lines) == 1, told.stderr
    assert lines[0].startswith("ssmtui: ")
    return lines[0]


def test_json_report_is_of_the_schema_and_the_account_is_not_written_to(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    aws.journal.clear()
    told = ssmtui("check", "--format", "json", "--region", "eu-west-3", "--region", "eu-central-1")
    report = json.loads(told.stdout)
    hold(report, Schema.REPORT)
    assert told.returncode == 3
    assert [scope["region"] for scope in report["scopes"]] == ["eu-central-1", "eu-west-3"]
    assert {node["root_cause"] for node in report["nodes"] if node["region"] == "eu-central-1"} == {
        "log-group-unencrypted"
    }
    assert [entry for entry in aws.journal.entries if entry.write] == []


def test_two_reports_differ_only_in_what_changed(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    first, second = (json.loads(ssmtui("check", "--format", "json").stdout) for _ in range(2))
    for report in (first, second):
        del report["generated_at"]
        # How many questions share a simulation hangs on the time at which they are asked.
        assert report["summary"]["api_calls"].pop("iam:SimulatePrincipalPolicy") > 0
    assert first == second


def test_ndjson_streams_the_same_objects(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    report = json.loads(ssmtui("check", "--format", "json").stdout)
    lines = [json.loads(line) for line in ssmtui("check", "--format", "ndjson").stdout.splitlines()]
    last: dict[str, dict[str, object]] = {"node": {}, "finding": {}}
    for line in lines:
        event = line.pop("event")
        hold(line, Schema.REPORT, event)
        if event in last:
            last[event][line["id"]] = line
    assert [last["node"][id_] for id_ in sorted(last["node"])] == report["nodes"]
    assert [last["finding"][id_] for id_ in sorted(last["finding"])] == report["findings"]


def test_healthy_account_is_done(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui("check", "--fail-on", "unknown")
    assert (told.returncode, told.stderr) == (0, "")


def test_without_a_terminal_and_a_command_it_checks(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    told = ssmtui()
    assert told.returncode == 3
    assert "log-group-unreadable" in told.stdout


def test_nodes_are_chosen_by_name_or_id(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    everything = json.loads(ssmtui("check", "--format", "json").stdout)["nodes"]
    one = everything[0]
    for name in (one["id"], one["name"]):
        assert [node["id"] for node in json.loads(ssmtui("check", name, "--format", "json").stdout)["nodes"]] == [
            one["id"]
        ]


def test_no_such_node(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui("check", "web-99")
    assert told.returncode == 4
    assert one_sentence(told) == "ssmtui: Unknown node: web-99. Region searched: eu-west-3. Similar nodes: web-1."


@pytest.mark.parametrize(
    ("world", "variables", "words"),
    [
        ("healthy-small", {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "No AWS credentials were found"),
        ("healthy-small", {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}, "No Region is set"),
        (
            "healthy-small",
            dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")),
            "No AWS credentials were found, and no Region is set. Configure credentials with: aws configure.",
        ),
        ("healthy-small", {"AWS_ACCESS_KEY_ID": None}, "To try ssmtui without an account: ssmtui demo"),
        ("healthy-small", {"AWS_REGION": "eu-wset-3"}, "Did you mean eu-west-3, eu-west-1, eu-west-2?"),
        ("healthy-small", {"AWS_PROFILE": "nobody"}, "nobody"),
        ("healthy-small", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Could not connect"),
        ("caller-denied", {}, "ec2:DescribeInstances"),
    ],
)
def test_what_could_not_be_looked_at_is_said_in_one_sentence(
    world: str, variables: dict[str, str | None], words: str, aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load(world)
    told = ssmtui("check", **variables)
    assert told.returncode == 4
    assert words in one_sentence(told)


def test_every_region_is_looked_at_where_none_is_set(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    nowhere = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    told = ssmtui("check", "--region", "all", "--format", "json", **nowhere)
    assert told.returncode in {0, 3}, told.stderr
    assert aws.regions[0] in {each["region"] for each in json.loads(told.stdout)["scopes"]}


def test_expired_credentials_are_said(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    aws.fault("expired")
    told = ssmtui("check")
    assert told.returncode == 4
    assert "expired" in one_sentence(told)
    assert "── credentials-expired: AWS credentials have expired" in told.stdout
    assert "aws sso login --profile PROFILE" in told.stdout


def test_what_is_wrong_with_this_computer_warns_of_every_node_and_is_no_nodes_verdict(
    aws: SimulatedAws, ssmtui: Ssmtui, tmp_path_factory: pytest.TempPathFactory
) -> None:
    aws.load("healthy-small")
    old = a_plugin(tmp_path_factory.mktemp("old"), "1.2.677.0")
    told = ssmtui("check", "--format", "json", "--fail-on", "warn", PATH=f"{old}{os.pathsep}{os.environ['PATH']}")
    assert told.returncode == 3
    report = json.loads(told.stdout)
    [finding] = report["findings"]
    assert finding["id"] == "plugin-outdated@workstation@eu-west-3"
    assert (finding["status"], finding["subject"]) == ("warn", {"kind": "workstation", "id": "workstation"})
    assert finding["nodes"] == [node["id"] for node in report["nodes"]]
    assert {(node["verdict"], node["root_cause"]) for node in report["nodes"]} == {("ok", None)}
    lines = ssmtui("check", PATH=f"{old}{os.pathsep}{os.environ['PATH']}").stdout.splitlines()
    above = lines[: next(number for number, line in enumerate(lines) if line.lstrip().startswith("NODE"))]
    assert [line for line in above if line.startswith("▲ This computer: Session Manager plugin")] != []


def test_an_id_that_is_elsewhere_than_the_aws_cli_would_look_is_told_where_it_is(
    aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("healthy-small")
    [one, *_] = json.loads(ssmtui("check", "--format", "json").stdout)["nodes"]
    line = ("check", one["id"], "--region", "us-east-1", "--region", one["region"], "--format", "json")
    findings = json.loads(ssmtui(*line, AWS_REGION="us-east-1").stdout)["findings"]
    assert [(each["cause"], each["nodes"]) for each in findings] == [("wrong-region-or-account", [one["id"]])]
    assert f"add --region {one['region']}." in findings[0]["summary"]


def test_one_failing_scope_is_not_the_end_of_the_others(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    aws.fault("refused", "ec2", "DescribeInstances", region="eu-central-1")
    aws.fault("refused", "ssm", region="eu-central-1")
    told = ssmtui("check", "--format", "json", "--region", "eu-west-3", "--region", "eu-central-1")
    report = json.loads(told.stdout)
    assert told.returncode == 3
    assert [bool(scope["error"]) for scope in report["scopes"]] == [True, False]
    assert {node["region"] for node in report["nodes"]} == {"eu-west-3"}


def test_output_file_appears_whole(aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path) -> None:
    aws.load("log-group-unreadable")
    told = ssmtui("check", "--format", "json", "--output", "report.json")
    assert (told.returncode, told.stdout) == (3, "")
    hold(json.loads((tmp_path / "report.json").read_text(encoding="utf-8")), Schema.REPORT)
    assert [file.name for file in tmp_path.iterdir() if "report" in file.name] == ["report.json"]


@pytest.mark.parametrize("file", ["nowhere/report.json", "."])
def test_output_file_that_cannot_be_written_is_a_usage_error(file: str, aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui("check", "--output", file)
    assert told.returncode == 2
    assert "cannot be written" in one_sentence(told)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            ("web-9",),
            "web-9 is neither a command nor a node. Region searched: eu-west-3. Similar nodes: web-1, web-2, web-3.",
        ),
        (("chekc",), "chekc is neither a command nor a node. Did you mean the command check or checks?"),
        (("check", "chekc"), "Unknown node: chekc. Region searched: eu-west-3. A NODE is an ID or an exact Name tag."),
        (
            ("explain", "--node", "web-9", "TargetNotConnected"),
            "Unknown node: web-9. Region searched: eu-west-3. Similar nodes: web-1, ",
        ),
    ],
)
def test_a_word_that_names_nothing_is_told_with_what_is_near(
    line: tuple[str, ...], words: str, aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("demo")
    told = ssmtui(*line)
    assert told.returncode == 4
    assert words in one_sentence(told)
    assert "0 nodes" not in told.stdout


def test_nodes_that_are_there_are_reported_beside_a_word_that_names_none(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    told = ssmtui("check", "web-1", "nothing", "--format", "json")
    assert told.returncode == 4
    assert [node["name"] for node in json.loads(told.stdout)["nodes"]] == ["web-1"]
    assert "Unknown node: nothing." in one_sentence(told)


@pytest.mark.parametrize("endpoint", ["localhost:4566", "http://", "ftp://localhost", "http://localhost:port"])
def test_an_endpoint_that_is_no_url_is_a_usage_error(endpoint: str, aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    for told in (
        ssmtui("check", "--endpoint-url", endpoint),
        ssmtui("check", AWS_ENDPOINT_URL_SSM=endpoint),
    ):
        assert (told.returncode, told.stdout) == (2, "")
        assert f"{endpoint} is not a URL. A URL begins with http:// or https://" in one_sentence(told)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
@pytest.mark.parametrize("line", [("causes",), ("check",), ("check", "--format", "ndjson")])
def test_a_full_output_is_told_in_words(line: tuple[str, ...], aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui(*line, output="/dev/full")
    assert told.returncode == 2
    assert one_sentence(told) == "ssmtui: the output cannot be written: No space left on device"


@pytest.mark.parametrize(
    "line", [["check", "--format", "xml"], ["check", "--nonsense"], ["check", "--config", "none.toml"], ["fix"]]
)
def test_usage_error_is_one_sentence(line: list[str], ssmtui: Ssmtui) -> None:
    told = ssmtui(*line)
    assert told.returncode == 2
    one_sentence(told)


def test_hostile_names_reach_a_terminal_escaped(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    ec2 = administrator(aws, "ec2")
    instance = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    ec2.create_tags(Resources=[instance], Tags=[{"Key": "Name", "Value": "[red]x[/] \x1b[31mgreen\u202e"}])
    told = ssmtui("check")
    assert "[red]x[/] \\x1b[31mgreen\\u202e" in told.stdout
    assert "\x1b" not in told.stdout


def test_log_file_is_the_owners_alone_and_holds_no_credential(
    aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path
) -> None:
    aws.load("healthy-small")
    ssmtui("check", "--log-file", "ssmtui.log", AWS_SECRET_ACCESS_KEY="very-secret-key")
    log = tmp_path / "ssmtui.log"
    assert log.stat().st_mode & 0o777 == 0o600
    text = log.read_text(encoding="utf-8")
    assert "ec2:DescribeInstances in eu-west-3" in text
    assert "very-secret-key" not in text


def test_the_callers_link_is_judged_for_another_principal(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    administrator(aws, "iam").create_user(UserName="sam")
    sam = "arn:aws:iam::123456789012:user/sam"
    told = ssmtui("--for", sam, "check", "--format", "json")
    report = json.loads(told.stdout)
    assert told.returncode == 3
    assert {scope["caller"] for scope in report["scopes"]} == {"arn:aws:sts::123456789012:assumed-role/Engineer/alex"}
    assert {node["root_cause"] for node in report["nodes"]} == {"caller-start-denied"}
    (start,) = [each for each in report["findings"] if each["cause"] == "caller-start-denied"]
    assert start["subject"] == {"kind": "caller", "id": sam}
    assert sorted(start["nodes"]) == [node["id"] for node in report["nodes"]]


def test_for_takes_the_arn_of_a_principal(ssmtui: Ssmtui) -> None:
    told = ssmtui("check", "--for", "arn:aws:iam::123456789012:root")
    assert told.returncode == 2
    assert "--for must be the ARN" in one_sentence(told)


def test_an_endpoint_of_the_configuration_that_is_no_url_is_told_and_is_no_defect(
    aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path
) -> None:
    (tmp_path / "aws.config").write_text("[default]\nendpoint_url = localhost:4566\n", encoding="utf-8")
    told = ssmtui("check", AWS_CONFIG_FILE=str(tmp_path / "aws.config"), AWS_ENDPOINT_URL=None)
    assert told.returncode == 4
    assert "endpoint_url in the AWS configuration is not a URL: localhost:4566." in one_sentence(told)


@pytest.mark.parametrize(
    ("line", "shown"), [(("--frob",), "ssmtui --help"), (("check", "--frob"), "ssmtui check --help")]
)
def test_an_error_of_the_command_line_names_only_commands_that_help_lists(
    line: tuple[str, ...], shown: str, ssmtui: Ssmtui
) -> None:
    told = ssmtui(*line)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == f"ssmtui: No such option '--frob'. Did you mean '--for'? See '{shown}'.\n"


def test_a_report_in_files_is_summed_up_on_standard_error(aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path) -> None:
    aws.load("healthy-small")
    html, json_ = tmp_path / "r.html", tmp_path / "r.json"
    files = [f"ssmtui: Report written to {each}" for each in (html, json_)]
    told = ssmtui("check", "--output", str(html), "--output", str(json_))
    assert (told.returncode, told.stdout) == (0, "")
    totals, *named = told.stderr.splitlines()
    assert (totals[:23], named) == ("ssmtui: 3 nodes: 3 ok (", files)
    beside = ssmtui("check", "--output", "-", "--output", str(html))
    assert (beside.returncode, beside.stderr.splitlines()) == (0, files[:1])

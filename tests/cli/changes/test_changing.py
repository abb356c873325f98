from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.cli.change_service import recheck_nodes
from ssmtui.cli.run import Run
from ssmtui.config.settings import Settings
from ssmtui.model.scope import ScopeName
from ssmtui.remediation.apply.follow_up import Effect, FollowUp
from ssmtui.remediation.apply.journal import FILE_NAME
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds import world
from tests.cli.conftest import Ssmtui
from tests.remediation.apply.faulty_worlds import imdsv2_enforced

GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:/ssm/sessions"
TOGGLE = (
    "fix",
    "log-group-unencrypted",
    "--subject",
    GROUP,
    "--with",
    "toggle-cloudwatch-encryption",
    "--region",
    "eu-central-1",
)
CHECK = ("check", "--region", "eu-central-1")


def writes(aws: SimulatedAws) -> list[str]:
    return [entry.operation for entry in aws.journal.entries if entry.write]


def test_fix_previews_and_writes_nothing(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    aws.journal.clear()
    told = ssmtui(*TOGGLE)
    assert told.returncode == 0
    for words in (
        '-    "cloudWatchEncryptionEnabled": true',
        '+    "cloudWatchEncryptionEnabled": false',
        "ssm UpdateDocument  Name=SSM-SessionManagerRunShell  DocumentVersion=1",
        "all nodes and users of the Region (8 known nodes)",
        "costs     nothing",
        "8 nodes change to ok",
        "Nothing was changed",
    ):
        assert words in told.stdout
    assert writes(aws) == []


@pytest.mark.parametrize(
    ("enforced", "undo"),
    [(False, "Both versions of the metadata service are allowed again"), (True, "cannot be undone")],
)
def test_a_preview_says_that_ec2_refuses_the_undo_if_the_account_enforces_imdsv2(
    aws: SimulatedAws, ssmtui: Ssmtui, *, enforced: bool, undo: str
) -> None:
    aws.load(imdsv2_enforced() if enforced else world("host-management-imdsv1"))
    told = ssmtui("fix", "dhmc-needs-imdsv2", "--with", "require-imdsv2", "--region", "eu-west-3")
    assert told.returncode == 0, told.stderr
    assert undo in " ".join(told.stdout.split())


def test_red_fix_green_undo_red(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    assert ssmtui(*CHECK).returncode == 3
    fixed = ssmtui(*TOGGLE, "--yes")
    assert fixed.returncode == 0
    assert "eu-central-1 now: 8 ok" in fixed.stdout
    assert writes(aws)[-2:] == ["UpdateDocument", "UpdateDocumentDefaultVersion"]
    assert ssmtui(*CHECK).returncode == 0
    undone = ssmtui("undo", "--yes")
    assert undone.returncode == 0
    assert undone.stdout.splitlines()[-1] == "eu-central-1 now: 8 fail"
    assert ssmtui(*CHECK).returncode == 3
    listed = ssmtui("undo", "--list").stdout
    assert [line.split()[3] for line in listed.splitlines()] == ["applied", "undone"]


def test_where_nobody_can_look_at_the_nodes_after_an_undo_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    recheck_nodes(Run((), Settings(), tmp_path), FollowUp(ScopeName(None, "eu-west-3"), Effect.MADE, (), ()))
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)
    assert "No AWS credentials were found" in told.err


def test_who_has_given_a_code_is_not_asked_for_another_to_look_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asks = "role_arn = arn:aws:iam::123456789012:role/x\nmfa_serial = y\nsource_profile = plain"
    (tmp_path / "config").write_text(f"[profile prod]\n{asks}\n[profile plain]\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    run = Run((), Settings(), tmp_path)
    recheck_nodes(run, FollowUp(ScopeName("prod", "eu-west-3"), Effect.MADE, (), ()))
    told = "To check the nodes again: ssmtui check --region eu-west-3 --profile prod (asks for an MFA code again)\n"
    assert capsys.readouterr().out == told


def test_undo_is_previewed_until_yes_is_said(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    assert ssmtui(*TOGGLE, "--yes").returncode == 0
    aws.journal.clear()
    for line in (("undo",), ("undo", "--read-only")):
        told = ssmtui(*line)
        assert (told.returncode, told.stderr) == (0, "")
        for words in (
            "Undo: Turn off “only encrypted CloudWatch log groups” (123456789012, eu-central-1)",
            '-    "cloudWatchEncryptionEnabled": false',
            '+    "cloudWatchEncryptionEnabled": true',
            "ssm UpdateDocumentDefaultVersion",
            "Nothing was changed. To undo change ",
        ):
            assert words in told.stdout
    assert not aws.journal.entries
    assert ssmtui("undo", "--yes").returncode == 0
    assert writes(aws)[-2:] == ["UpdateDocument", "UpdateDocumentDefaultVersion"]


def test_what_cannot_be_taken_back_is_refused_once_on_standard_error(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    made = re.search(r"ssmtui undo (\S+)\)", ssmtui(*TOGGLE, "--yes").stdout)
    assert made is not None
    change = made[1]
    for line, why in (
        (("undo", change[:-1] + "_"), f"the journal has no change {change[:-1]}_. Did you mean {change}?"),
        (("undo", "--region", "eu-west-1"), "the journal has no change of these profiles and Regions that can be"),
    ):
        told = ssmtui(*line)
        assert (told.returncode, told.stdout) == (5, "")
        assert told.stderr.startswith(f"ssmtui: {why}")
        assert len(told.stderr.splitlines()) == 1
    assert ssmtui("undo", change, "--yes").returncode == 0
    told = ssmtui("undo", change)
    assert (told.returncode, told.stderr) == (
        5,
        f"ssmtui: change {change} is not undone: the change is already undone\n",
    )


def test_undo_tells_of_lines_of_the_journal_that_it_does_not_understand(ssmtui: Ssmtui) -> None:
    journal = Path(json.loads(ssmtui("info", "--format", "json").stdout)["folders"]["journal"], FILE_NAME)
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b'{"schema": "ssmtui.journal/2"}\n\xff\n')
    for line in (("undo",), ("undo", "x", "--yes"), ("undo", "--list")):
        told = ssmtui(*line)
        assert (told.returncode, told.stdout) == (4, "")
        assert "2 lines of the journal cannot be read: lines 1, 2 (written by a later" in told.stderr


def test_a_read_only_profile_is_not_written_to_by_undo_from_another(
    aws: SimulatedAws, ssmtui: Ssmtui, tmp_path: Path
) -> None:
    aws.load("demo")
    (tmp_path / "aws.config").write_text("[profile prod]\nregion = eu-central-1\n[profile dev]\n", encoding="utf-8")
    files = {"AWS_CONFIG_FILE": str(tmp_path / "aws.config")}
    key = aws.environment["AWS_ACCESS_KEY_ID"]
    keys = f"aws_access_key_id = {key}\naws_secret_access_key = x\naws_session_token = x\n"
    (tmp_path / "aws.keys").write_text(f"[prod]\n{keys}[dev]\n{keys}", encoding="utf-8")
    files["AWS_SHARED_CREDENTIALS_FILE"] = str(tmp_path / "aws.keys")
    assert ssmtui(*TOGGLE, "--profile", "prod", "--yes", **files).returncode == 0
    (tmp_path / "config.toml").write_text("[profiles.prod]\nread_only = true\n", encoding="utf-8")
    aws.journal.clear()
    told = ssmtui("undo", "--yes", "--config", "config.toml", **files)
    assert told.returncode == 5
    assert "read-only" in told.stderr
    assert writes(aws) == []


def test_the_region_is_the_one_that_the_subjects_arn_names(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    told = ssmtui(*TOGGLE[:-2])
    assert told.returncode == 0
    assert "(123456789012, eu-central-1)" in told.stdout


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_key_of_another_region_is_fixed_where_its_sessions_are(
    language: str, aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    """As the report names it: nothing tells there which Region's preferences name the key but the one looked at."""
    aws.load("key-wrong-region")
    (found,) = json.loads(ssmtui("check", "--format", "json").stdout)["findings"]
    assert f":{aws.environment['AWS_REGION']}:" not in found["id"]
    told = ssmtui("fix", found["id"], "--with", "clear-session-key", "--lang", language)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"(123456789012, {aws.environment['AWS_REGION']})" in told.stdout


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (
            ("fix", "log-group-unencryptd", "--subject", GROUP),
            2,
            "unknown cause: log-group-unencryptd. Did you mean log-group-unencrypted?",
        ),
        (
            (*TOGGLE[:5], "toggle-cloudwatch-encrypton"),
            2,
            "unknown fix: toggle-cloudwatch-encrypton. Did you mean toggle-cloudwatch-encryption?",
        ),
        (
            ("fix", "log-group-unencrypted", "--subject", f"{GROUP}s"),
            5,
            f"nothing to fix: log-group-unencrypted does not apply to {GROUP}s. Subjects: {GROUP}",
        ),
    ],
)
def test_what_names_nothing_is_told_with_what_is_near(
    line: tuple[str, ...], code: int, words: str, aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("demo")
    told = ssmtui(*line)
    assert (told.returncode, told.stdout) == (code, "")
    assert words in told.stderr


def test_without_a_subject_it_is_the_one_that_the_cause_holds_for(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    role = "arn:aws:iam::123456789012:role/queue-worker"
    told = ssmtui("fix", "log-group-unreadable")
    assert (told.returncode, told.stderr) == (0, "")
    assert "Allow the role queue-worker to describe the log group" in told.stdout
    assert told.stdout.endswith(
        f"Nothing was changed. To apply this change:\nssmtui fix log-group-unreadable --subject {role} "
        "--region eu-west-3 --yes\n"
    )
    made = ssmtui("fix", "log-group-unreadable", "--yes")
    assert (made.returncode, made.stdout) == (2, "")
    assert "--yes requires the exact subject: add --subject ID" in made.stderr
    healthy = ssmtui("fix", "kms-node-denied")
    assert (healthy.returncode, healthy.stdout) == (5, "")
    assert "nothing to fix: kms-node-denied does not apply here" in healthy.stderr
    assert writes(aws) == []


def test_what_could_not_be_told_is_not_said_not_to_hold(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    aws.fault("refused", "iam", "SimulatePrincipalPolicy")
    aws.fault("refused", "iam", "GetRole")
    told = ssmtui("fix", "log-group-unreadable")
    assert (told.returncode, told.stdout) == (4, "")
    assert "whether log-group-unreadable applies could not be determined: iam:" in told.stderr
    named = ssmtui("fix", "log-group-unreadable", "--subject", "arn:aws:iam::123456789012:role/queue-worker")
    assert (named.returncode, named.stdout, named.stderr) == (4, "", told.stderr)


def test_without_a_subject_those_that_the_cause_holds_for_are_listed(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    report = json.loads(ssmtui("check", "--format", "json").stdout)
    names = {each["id"]: each["name"] for each in report["nodes"]}
    regions = {each["id"]: each["region"] for each in report["nodes"]}
    stopped = sorted(each["subject"]["id"] for each in report["findings"] if each["cause"] == "instance-not-running")
    assert len(stopped) > 1
    told = ssmtui("fix", "instance-not-running")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.splitlines() == [
        f"ssmtui: instance-not-running applies to {len(stopped)} subjects. Choose one:",
        *(
            f"  ssmtui fix instance-not-running --subject {each} --region {regions[each]}  {names[each]}"
            for each in stopped
        ),
    ]


ETL = "arn:aws:iam::123456789012:role/etl"


@pytest.mark.parametrize(
    ("node", "code", "lines"),
    [
        (
            "etl-1",
            2,
            [
                "ssmtui: etl-1 has 2 causes with a fix. Choose one:",
                f"  ssmtui fix kms-node-denied --subject {ETL} --region eu-west-3       ",
                f"  ssmtui fix log-group-unreadable --subject {ETL} --region eu-west-3  ",
            ],
        ),
        ("nosuchnode", 4, ["ssmtui: nosuchnode is neither a cause nor a node."]),
        ("queue", 4, ["ssmtui: queue is neither a cause nor a node. Did you mean queue-1 or queue-2?"]),
        ("api-1", 5, ["ssmtui: nothing to fix: no check found a problem with api-1"]),
    ],
)
def test_a_node_is_fixed_only_if_one_cause_of_it_has_a_fix(
    node: str, code: int, lines: list[str], aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("demo")
    told = ssmtui("fix", node, "--region", "eu-west-3")
    assert (told.returncode, told.stdout) == (code, "")
    said = told.stderr.splitlines()
    assert len(said) == len(lines)
    assert [line[: len(start)] for line, start in zip(said, lines, strict=True)] == lines
    assert writes(aws) == []


@pytest.mark.parametrize("node", ["queue-1", "i-3181285a5eb0513bf"])
def test_the_only_cause_of_a_node_is_fixed(node: str, aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    report = json.loads(ssmtui("check", "--format", "json").stdout)
    broken = next(each for each in report["nodes"] if each["verdict"] == "fail")
    named = {"queue-1": broken["name"]}.get(node, broken["id"])
    command = (
        "ssmtui fix log-group-unreadable --subject arn:aws:iam::123456789012:role/queue-worker --region eu-west-3 --yes"
    )
    assert ssmtui("fix", named).stdout.endswith(f"Nothing was changed. To apply this change:\n{command}\n")
    assert writes(aws) == []
    made = ssmtui("fix", named, "--yes")
    assert (made.returncode, writes(aws)) == (0, ["PutRolePolicy"])
    assert ssmtui("fix", named).returncode == 5


def test_a_findings_id_as_the_report_prints_it_names_its_subject(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    told = ssmtui("fix", f"log-group-unencrypted@{GROUP}", *TOGGLE[4:6])
    assert (told.returncode, told.stderr) == (0, "")
    assert "(123456789012, eu-central-1)" in told.stdout
    twice = ssmtui("fix", f"log-group-unencrypted@{GROUP}", "--subject", GROUP)
    assert (twice.returncode, twice.stdout) == (2, "")
    assert "the subject is specified twice" in twice.stderr


def test_a_grant_is_the_first_fix_in_rank_and_is_made_and_taken_back(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    role = "arn:aws:iam::123456789012:role/queue-worker"
    line = ("fix", "log-group-unreadable", "--subject", role)
    previewed = ssmtui(*line).stdout
    for words in (
        "Allow the role queue-worker to describe the log group",
        '+        "logs:DescribeLogGroups"',
        "iam PutRolePolicy  RoleName=queue-worker  PolicyName=ssmtui-log-group-lookup",
        "one role and all nodes that use it (1 known node)",
        "● 1 node changes to ok: queue-1",
    ):
        assert words in previewed
    fixed = ssmtui(*line, "--yes")
    assert fixed.returncode == 0
    assert "eu-west-3 now: 2 ok" in fixed.stdout
    assert ssmtui("undo", "--yes").returncode == 0
    assert writes(aws)[-2:] == ["PutRolePolicy", "DeleteRolePolicy"]


def test_a_change_is_printed_for_others_to_make_and_nothing_is_written(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-unreadable")
    line = ("fix", "log-group-unreadable", "--subject", "arn:aws:iam::123456789012:role/queue-worker")
    request = ssmtui(*line, "--as", "markdown", "--read-only")
    assert (request.returncode, request.stderr) == (0, "")
    assert request.stdout.startswith("# Allow the role queue-worker to describe the log group")
    assert "- 1 node changes to ok: queue-1" in request.stdout
    toggle = (*line, "--with", "toggle-cloudwatch-encryption")
    told = ssmtui(*toggle, "--as", "cloudformation")
    assert (told.returncode, told.stdout) == (5, "")
    assert "only in the stack that created or imported it" in told.stderr
    assert ssmtui(*line, "--as", "cli", "--yes").returncode == 2
    assert writes(aws) == []


def test_nothing_to_fix_and_nothing_to_undo_are_refused(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("healthy-small")
    told = ssmtui("fix", "log-group-unencrypted", "--subject", GROUP)
    assert (told.returncode, told.stdout) == (5, "")
    assert "does not apply" in told.stderr
    assert ssmtui("undo").returncode == 5


@pytest.mark.parametrize("chosen", [(), ("--set", "key=")], ids=["no value", "empty value"])
def test_the_first_fix_in_rank_is_never_silently_replaced_by_a_weaker_one(
    aws: SimulatedAws, ssmtui: Ssmtui, chosen: tuple[str, ...]
) -> None:
    aws.load("demo")
    told = ssmtui("fix", "log-group-unencrypted", "--subject", GROUP, "--region", "eu-central-1", "--yes", *chosen)
    assert (told.returncode, told.stdout) == (2, "")
    assert "encrypt-log-group: key=… is required: KMS key" in told.stderr
    assert re.search(r"key=arn:aws:kms:eu-central-1:\d+:key/\S+  alias/acme/frankfurt-logs\n", told.stderr)
    assert "Other fixes (--with): toggle-cloudwatch-encryption" in told.stderr
    assert writes(aws) == []


def test_read_only_refuses_and_writes_nothing(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    aws.journal.clear()
    for line in ((*TOGGLE, "--yes", "--read-only"), ("undo", "--yes", "--read-only")):
        told = ssmtui(*line)
        assert (told.returncode, told.stdout) == (5, "")
        assert "read-only" in told.stderr
    assert writes(aws) == []


def test_caller_who_may_not_change_preferences_is_told_which_action(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("caller-read-only")
    import json

    report = json.loads(ssmtui("check", "--format", "json").stdout)
    [finding] = [each for each in report["findings"] if each["cause"] == "log-group-unencrypted"]
    told = ssmtui(
        "fix",
        "log-group-unencrypted",
        "--subject",
        finding["subject"]["id"],
        "--with",
        "toggle-cloudwatch-encryption",
        "--yes",
    )
    assert told.returncode == 5
    assert "ssm:UpdateDocument" in told.stderr


def test_what_was_made_in_part_is_read_back_and_told_with_how_the_nodes_stand(
    aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("host-management-role-missing")
    report = json.loads(ssmtui("check", "--format", "json", "--fail-on", "never").stdout)
    [finding] = [each for each in report["findings"] if each["cause"] == "dhmc-role-broken"]
    aws.fault("refused", "iam", "AttachRolePolicy")
    line = ("fix", "dhmc-role-broken", "--subject", finding["subject"]["id"], "--yes")
    told = ssmtui(*line)
    assert told.returncode == 4
    assert "The change was applied in part: 1 of 2 calls succeeded, then: " in told.stderr
    assert "eu-west-3 now: " in told.stdout
    (id_,) = re.findall("complete the change: ssmtui fix --complete (.*) --yes", told.stderr)
    aws.clear_faults()

    named = (
        f"ssmtui: change {id_} was interrupted: Turn on default host management in eu-west-3 with the role "
        "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole (123456789012, eu-west-3)\n"
        "  1 of 2 calls were made; missing: iam:AttachRolePolicy\n"
        f"  complete the change: ssmtui fix --complete {id_} --yes\n"
        f"  undo the change: ssmtui undo {id_} --yes\n"
    )
    checked = ssmtui("check", "--format", "json", "--fail-on", "never")
    assert json.loads(checked.stdout)["schema"] == "ssmtui.report/1"
    assert checked.stderr == named
    assert ssmtui("undo", "--list").stderr == named
    previewed = ssmtui("fix", "--complete", id_)
    assert (previewed.returncode, "1 of 2 calls were made before the interruption" in previewed.stdout) == (0, True)
    assert "call      iam AttachRolePolicy" in previewed.stdout
    assert "iam CreateRole" not in previewed.stdout
    # The same line once more completes it.
    completed = ssmtui(*line)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert f"(change {id_}; undo with: ssmtui undo {id_})" in completed.stdout
    assert ssmtui("check", "--fail-on", "never").stderr == ""
    assert ssmtui("undo", id_, "--yes").returncode == 0


def test_a_fix_that_was_killed_before_it_was_sent_is_made_anew(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-missing")
    line = (
        "fix",
        "log-group-missing",
        "--subject",
        "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm/session-manager",
    )
    assert ssmtui(*line, "--yes").returncode == 0
    assert ssmtui("undo", "--yes").returncode == 0
    file = Path(json.loads(ssmtui("info", "--format", "json").stdout)["folders"]["journal"], FILE_NAME)
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "was interrupted" in ssmtui("undo", "--list").stderr
    made = ssmtui(*line, "--yes")
    assert (made.returncode, "Applied: " in made.stdout) == (0, True)
    assert "was interrupted" not in ssmtui("undo", "--list").stderr


def test_unknown_cause_and_unknown_fix_are_usage_errors(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    assert ssmtui("fix", "no-such-cause", "--subject", GROUP).returncode == 2
    assert "unknown cause: no-such-cause" in ssmtui("fix", f"no-such-cause@{GROUP}").stderr
    told = ssmtui("fix", "log-group-unencrypted", "--subject", GROUP, "--region", "eu-central-1", "--with", "nothing")
    assert told.returncode == 2


def test_a_fix_is_told_what_it_needs_and_says_what_it_takes(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("timeout-out-of-range")
    document = "arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell"
    line = ("fix", "timeout-out-of-range", "--subject", document)
    told = ssmtui(*line, "--set", "idle=20", "--yes")
    assert (told.returncode, told.stdout) == (2, "")
    assert "edit-preferences: idle is not an option of this fix" in told.stderr
    assert "--set idleSessionTimeout=…  idle timeout in minutes" in told.stderr
    fixed = ssmtui(*line, "--set", "idleSessionTimeout=20", "--set", "shellProfile.linux=cd /srv", "--yes")
    assert fixed.returncode == 0
    assert "eu-west-3 now: 2 ok" in fixed.stdout
    assert '+      "linux": "cd /srv"' in fixed.stdout


def test_a_fix_that_needs_to_be_told_nothing_takes_no_set(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("log-group-missing")
    group = "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm/session-manager"
    told = ssmtui("fix", "log-group-missing", "--subject", group, "--set", "key=alias/acme/session-logs")
    assert (told.returncode, told.stdout) == (2, "")
    assert "create-log-group has no options" in told.stderr


def test_steps_are_shown_and_nothing_is_changed(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("domain-controller")
    report = ssmtui("check", "ad-dc-1", "--format", "json")
    (found,) = [each for each in json.loads(report.stdout)["findings"] if each["cause"] == "domain-controller"]
    ask = ("fix", "domain-controller", "--subject", found["subject"]["id"], "--with", "steps-domain-controller")
    aws.journal.clear()
    told = ssmtui(*ask)
    assert told.returncode == 0
    assert "     New-ADUser -Name ssm-user" in told.stdout
    assert "Nothing was changed. These are manual steps." in told.stdout
    refused = ssmtui(*ask, "--yes")
    assert refused.returncode == 5
    assert "consists of manual steps" in refused.stderr
    assert refused.stdout == ""
    assert writes(aws) == []


def test_a_change_that_has_yet_to_show_is_known_to_the_next_start(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("demo")
    check = ("check", "sandbox-1", "--region", "eu-west-3", "--format", "json", "--fail-on", "never")
    [node] = json.loads(ssmtui(*check).stdout)["nodes"]
    assert (node["verdict"], node["root_cause"]) == ("fail", "instance-profile-missing")
    fix = ("fix", "instance-profile-missing", "--subject", node["id"], "--with", "attach-instance-profile")
    assert ssmtui(*fix, "--set", "profile=web", "--region", "eu-west-3", "--yes").returncode == 0
    # Somebody stops the agent meanwhile: for as long as AWS's own delay runs, that is no failure yet.
    hidden = aws.hidden("eu-west-3")
    hidden.agents[node["id"]] = replace(hidden.agents[node["id"]], running=False)
    [waits] = json.loads(ssmtui(*check).stdout)["nodes"]
    assert (waits["verdict"], waits["root_cause"]) == ("warn", None)
    assert ssmtui("undo", "--yes").returncode == 0
    [back] = json.loads(ssmtui(*check).stdout)["nodes"]
    assert back["verdict"] == "fail"


LISTED = {"DescribeInstances", "DescribeInstanceProperties"}


def listings_of_all(aws: SimulatedAws) -> int:
    """How many listings of all nodes there were."""
    listed = [each.parameters for each in aws.journal.entries if each.operation in LISTED]
    return sum(1 for asked in listed if isinstance(asked, dict) and not any("Filter" in name for name in asked))


@pytest.mark.parametrize(
    ("world", "node", "listings", "affected"),
    [
        pytest.param("control-channel-down", "stuck-1", 0, "one node", id="a change of the node"),
        pytest.param(
            "demo", "queue-1", 2, "one role and all nodes that use it (2 known nodes)", id="a change of its role"
        ),
    ],
)
def test_the_preview_for_a_node_lists_the_nodes_that_the_change_affects(
    world: str, node: str, listings: int, affected: str, aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load(world)
    aws.journal.clear()
    told = ssmtui("fix", node, "--region", "eu-west-3")
    assert (told.returncode, told.stderr) == (0, "")
    assert affected in told.stdout
    assert listings_of_all(aws) == listings


def test_a_cause_of_a_node_is_fixed_without_a_listing_of_all_nodes(aws: SimulatedAws, ssmtui: Ssmtui) -> None:
    aws.load("control-channel-down")
    report = json.loads(ssmtui("check", "--format", "json").stdout)
    [stuck] = [each["id"] for each in report["nodes"] if each["verdict"] == "fail"]
    aws.journal.clear()
    made = ssmtui("fix", "control-channel-down", "--subject", stuck, "--yes")
    assert (made.returncode, writes(aws)) == (0, ["SendCommand"])
    assert listings_of_all(aws) == 0


def test_a_cause_that_compares_a_node_with_all_others_is_fixed_among_all_nodes(
    aws: SimulatedAws, ssmtui: Ssmtui
) -> None:
    aws.load("agent-version-flawed")
    report = json.loads(ssmtui("check", "--format", "json").stdout)
    [old, *_] = [each["subject"]["id"] for each in report["findings"] if each["cause"] == "agent-outdated"]
    assert ssmtui("fix", f"agent-outdated@{old}").stdout.startswith("Update SSM Agent on ")

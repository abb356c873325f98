"""A log in a paste, entry by entry."""

from __future__ import annotations

import pytest

from ssmtui.causes.pasted_text import log_entries

SYSLOG = "Oct 12 13:49:56 ip-10-0-0-7 amazon-ssm-agent[1860]: "
AGENT = "2020-10-12 13:49:56 ERROR [Name @ file.go.85] [ssm-session-worker] "


def bodies(text: str) -> list[str]:
    return [entry.body for entry in log_entries(text)]


@pytest.mark.parametrize(
    "prefix",
    [
        "2020-10-12 13:49:56 ",
        "2025-02-05 08:27:45.6674 INFO ",
        "2026/05/23 17:01:51Z: ",
        "[2026-05-23T17:01:51+02:00] WARN: ",
        "020-10-09 10:27:19 ERROR [S3Upload @ s3util.go.108] ",
        "2019-10-03 01:28:48,330 - MainThread - awscli.clidriver - DEBUG - ",
        "          1    2026-04-22 20:27:12.2262 ERROR ",
        "# ERROR ",
        "[ERROR] ",
        SYSLOG,
        "2026-05-27T15:45:49.078807+00:00 ip-172-31-10-246 amazon-ssm-agent.amazon-ssm-agent[1074]: ",
        "2025-08-14T10:53:16-04:00 amazon-ssm-agent.amazon-ssm-agent[346444]: ",
        "amazon-ssm-agent: 2020-02-07 13:56:49 WARN [MessageGatewayService] ",
        f"{SYSLOG}{AGENT}",
    ],
)
def test_what_a_log_writes_before_a_message_is_no_part_of_it(prefix: str) -> None:
    assert [body.strip("- \n") for body in bodies(f"{prefix}boom")] == ["boom"]


@pytest.mark.parametrize("line", ["boom", "----------ERROR-------", "ERROR-like", "An error occurred (X)", "[a] b"])
def test_a_line_without_anything_of_a_log_is_left_as_it_is(line: str) -> None:
    assert bodies(line) == [line]


def test_a_message_over_several_lines_is_one_entry_whatever_is_written_before_each() -> None:
    assert bodies(f"{SYSLOG}{AGENT}one\n{SYSLOG}caused by: two\nthree") == ["one\ncaused by: two\nthree"]
    assert bodies(f"{AGENT}one\n{AGENT}two more") == ["one\ntwo more"]


@pytest.mark.parametrize(
    "second",
    [
        "2020-10-12 13:49:57 ERROR [Name @ file.go.85] [ssm-session-worker] two",
        "2020-10-12 13:49:56 ERROR [Other @ file.go.9] [ssm-session-worker] two",
        "Oct 12 13:49:56 ip-10-0-0-7 systemd[1]: two",
        "ERROR two",
    ],
)
def test_another_time_component_or_writer_begins_another_entry(second: str) -> None:
    assert bodies(f"{SYSLOG}{AGENT}one\n{second}") == ["one", "two"]


def test_the_head_tells_level_and_components() -> None:
    assert [entry.head for entry in log_entries(f"{SYSLOG}{AGENT}boom")] == [
        "ERROR [Name @ file.go.85] [ssm-session-worker] "
    ]


def test_a_line_that_a_terminal_broke_goes_on_within_the_word() -> None:
    long = f"{AGENT}{'word ' * 12}arn:aws:ssm"
    broken = "\n".join(long[start : start + 50] for start in range(0, len(long), 50))
    assert bodies(broken) == [f"{'word ' * 12}arn:aws:ssm"]


def test_what_stood_at_the_start_of_a_line_is_known_where_the_lines_were_filled_anew() -> None:
    filled = f"{SYSLOG}{AGENT}one two\nthree {SYSLOG}caused by: four".replace("Oct 12 ", "Oct 12\n")
    assert bodies(filled) == ["one two\nthree \ncaused by: four"]


def test_a_time_within_a_sentence_is_a_part_of_it() -> None:
    sentence = "they were retrieved at 2023-05-22T10:03:45Z and expired at 2023-05-22T11:07:14Z"
    assert bodies(sentence) == [f"{sentence}"]

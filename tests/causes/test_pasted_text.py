"""A paste taken out of its envelopes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.pasted_text import log_entries, sdk_error_as_cli, split_messages
from tests.causes.texts import CONSOLE, NODE_ARN, STARTED


def texts(pasted: str) -> list[str]:
    return [message.text for message in split_messages(pasted)]


@pytest.mark.parametrize(
    "pasted",
    [
        'couldn\'t start the "session"',
        "couldn’t start the “session”",
        'Couldn\'t\tstart \N{NO-BREAK SPACE} the\r\n"session"',
        '> couldn\'t start\n> the "session"',
        '│ couldn\'t start the\n│ "session"',
        '\x1b[1;31mcouldn\'t\x1b[0m start the \x1b]0;title\x07"session"',
        "couldn&#39;t start the &quot;session&quot;",
        'couldn\'t start\\n\\tthe \\"session\\"',
        'couldn\'t sta\N{SOFT HYPHEN}rt the \N{ZERO WIDTH SPACE}"ses\nsion"',
    ],
)
def test_only_the_visible_characters_count(pasted: str) -> None:
    assert [message.key for message in split_messages(pasted)] == ["couldntstartthesession"]


def test_each_envelope_begins_a_message_and_only_the_last_may_be_cut() -> None:
    pasted = f"$ aws ssm\n{STARTED}{CONSOLE}no\nAn error occurred (X) when calling the Y operation: z…"
    assert [(message.text, message.cut) for message in split_messages(pasted)] == [
        ("$ aws ssm", False),
        ("Starting session with SessionId: jane-0a1b2c3d4e5f67890", False),
        ("Your session has been terminated for the following reasons: no", False),
        ("An error occurred (X) when calling the Y operation: z", True),
    ]


def test_lines_broken_at_the_width_of_a_terminal_are_one_line_again() -> None:
    text = f"User is not authorized to perform: ssm:StartSession on resource: {NODE_ARN} because nothing allows it"
    wrapped = "\n".join(text[start : start + 40] for start in range(0, len(text), 40))
    assert texts(wrapped) == [text]


def test_the_first_and_the_last_line_of_the_plugin_have_one_length_and_were_not_broken() -> None:
    session = "jane-0a1b2c3d4e5f67890"
    started, over = f"Starting session with SessionId: {session}", f"Exiting session with sessionId: {session}."
    assert len(started) == len(over)
    assert texts(f"{started}\nsh: 1: x: not found\n\n{over}\n") == [f"{started} sh: 1: x: not found {over}"]


def test_lines_broken_between_words_stay_apart() -> None:
    assert texts("a sentence that somebody has broken up\nbetween its words") == [
        "a sentence that somebody has broken up between its words"
    ]


@pytest.mark.parametrize("tail", ["...", "…", " …", "\n---Output truncated---", "\n---Error truncated----", '..."'])
def test_the_mark_of_a_cut_is_no_part_of_the_text(tail: str) -> None:
    assert texts(f"cut{tail}") == ["cut"]


def test_nothing_visible_is_no_message() -> None:
    assert split_messages(" \n\t\x1b[0m\N{ZERO WIDTH SPACE}") == ()


@given(st.text(max_size=200))
def test_any_text_is_taken_apart_into_messages_with_something_visible_in_each(text: str) -> None:
    found = split_messages(text)
    assert all(message.key and not any(map(str.isspace, message.key)) for message in found)
    assert all(message.text == " ".join(message.text.split()) for message in found)
    assert [message.cut for message in found] == [False] * (len(found) - 1) + [True] * bool(found)


@pytest.mark.heavy
def test_a_character_that_stands_for_many_makes_no_longer_text_than_is_looked_at() -> None:
    (message,) = split_messages("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200_000 + "cut")
    assert message.key.endswith("cut")
    assert len(message.key) <= 1_000_000


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


TIER = "Enable advanced-instances tier to use Session Manager with your on-premises instances"
ENVELOPES = {
    "Go v2": f"operation error SSM: StartSession, https response error StatusCode: 400, RequestID: 1, "
    f"BadRequest: {TIER}",
    "Go v2 api error": f"operation error SSM: StartSession, https response error StatusCode: 400, "
    f"api error BadRequest: {TIER}",
    "Go v1": f"failed to call StartSession: BadRequest: {TIER} status code: 400, request id: 1",
    "Java v2": "StartSession failed: software.amazon.awssdk.services.ssm.model.BadRequestException: "
    f"{TIER} (Service: Ssm, Status Code: 400, Request ID: 1)",
    ".NET": f"Amazon.SimpleSystemsManagement.Model.BadRequestException: {TIER} at StartSessionRequest",
    "JavaScript v3": f"StartSessionCommand: BadRequest: {TIER} at throwDefaultError",
    "PHP": f'Error executing "StartSession" on "https://ssm.eu-west-3.amazonaws.com"; BadRequest (client): {TIER}',
    "PowerShell": f"Start-SSMSession : BadRequest: {TIER}",
    "Rust": f"StartSession failed: BadRequest: {TIER}",
}


@pytest.mark.parametrize("sdk", ENVELOPES)
def test_each_sdk_names_the_operation_and_the_code(sdk: str) -> None:
    assert sdk_error_as_cli(ENVELOPES[sdk]).startswith(
        "An error occurred (BadRequest) when calling the StartSession operation:"
    )
    assert TIER in sdk_error_as_cli(ENVELOPES[sdk]) or sdk == "PHP"


@pytest.mark.parametrize("target", ["i-0123456789abcdef0", "mi-0123456789abcdef0", "ecs:web_1a2b_1a2b-3"])
def test_a_target_that_is_not_connected_is_told_without_its_code(target: str) -> None:
    assert sdk_error_as_cli(f"Start-SSMSession : {target} is not connected.") == (
        f"An error occurred (TargetNotConnected) when calling the StartSession operation: {target} is not connected"
    )


@pytest.mark.parametrize(
    "text",
    [
        "error: socket is not connected",
        "operation error SSM: GetParameter, https response error StatusCode: 400, BadRequest: x",
        "ssm:StartSession is denied: AccessDenied",
        "StartSession returned nothing",
        "TargetNotConnected",
        "",
    ],
)
def test_other_operations_and_texts_without_a_code_are_no_failed_call(text: str) -> None:
    assert sdk_error_as_cli(text) == ""

"""From pasted texts to causes: every text that is known, however it was mangled, and nothing else."""

from __future__ import annotations

import html
import textwrap
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ssmtui.causes.catalogue import Cause, catalogue
from ssmtui.causes.matching import Match, is_normal_end, match_text
from tests.causes.texts import CONSOLE, CONSOLE_OF_WINDOWS, NODE, NORMAL_ENDS, SEED, SESSION, TEXTS, UNRELATED, Text

CAUSES = tuple(catalogue().values())
EVERY_TEXT = (*TEXTS, *SEED)
SCROLLBACK = (
    "Last login: Tue Nov 24 21:14:03 on ttys001\n"
    f"jane@laptop ~ % aws ssm start-session --target {NODE} --region eu-west-3\n"
)
PROMPT = "\njane@laptop ~ % echo $?\n0\njane@laptop ~ % ls -l\ntotal 0\n"
CURLY = str.maketrans({"'": "’", '"': "”", " ": "\N{NO-BREAK SPACE}"})

unhurried = settings(deadline=None)  # a text is matched in milliseconds; a busy machine takes longer at times
every_text = pytest.mark.parametrize("each", EVERY_TEXT, ids=lambda each: " ".join(each.text.split())[-60:])


def matches(text: str) -> tuple[Match, ...]:
    return match_text(text, CAUSES)


def likeliest(text: str) -> str | None:
    return next((match.cause for match in matches(text)), None)


@every_text
def test_every_known_text_names_its_cause_as_the_likeliest(each: Text) -> None:
    assert likeliest(each.text) in each.causes


IPC_TIMEOUT = (
    "document process failed unexpectedly: ipc messaging received timeout signal , "
    "check [ssm-document-worker]/[ssm-session-worker] log for crash reason"
)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (IPC_TIMEOUT, "worker-crashed"),
        (f"Connection closed by UNKNOWN port 65535\nSessionId: {SESSION} : {IPC_TIMEOUT}", "port-refused"),
        (
            "document process failed unexpectedly: write /var/lib/amazon/ssm: no space left on device",
            "root-volume-full",
        ),
        ("Failed to create channel: too many open files", "run-out-of-watches"),
        ("Unable to start command: fork/exec /bin/sh: too many open files", "run-out-of-watches"),
        ("Unable to start command: Failed to start pty: open /dev/ptmx: too many open files", "run-out-of-watches"),
        # The output of AWS-StartInteractiveCommand with a program that the node does not have.
        (
            f'Starting session with SessionId: {SESSION}\nexec: "htop": executable file not found in $PATH',
            "command-invalid",
        ),
        (
            f'Starting session with SessionId: {SESSION}\n$ ctr run\nexec: "c": executable file not found in $PATH',
            None,
        ),
        ("Error calling KMS GenerateDataKey API: RequestCanceled: request context canceled", "handshake-timed-out"),
        # Since 3.0 the worker hibernates, in other words than the agent before.
        ("Entering SSM Agent Worker hibernate - AccessDeniedException: User: x is not authorized", "role-core-denied"),
        ("Entering SSM Agent Worker hibernate - InvalidSignatureException: Signature expired: x", "node-clock-skewed"),
        (
            "Error occurred when starting amazon-ssm-agent: failed to start message bus, "
            "failed to start health channel: failed to listen on the channel: "
            "ipc:///var/lib/amazon/ssm/ipc/health, address in use",
            "connection-lost",
        ),
        (
            "Failed to perform Onprem registration: failed to register agent: registration command failed with output: "
            "Registration failed due to error registering the instance with AWS SSM. ActivationExpired: x",
            "activation-expired",
        ),
        ("KMSEncryption failed on client with status 3 error: unsupported", "plugin-outdated"),
        ("Error when decrypting data key NoCredentialProviders: no valid providers", "instance-profile-missing"),
        ("Error when decrypting data key RequestCanceled: request context canceled", "log-endpoint-missing"),
        (
            "Error calling KMS GenerateDataKey API: RequestError: send request failed: no such host",
            "handshake-timed-out",
        ),
        ('Unable to start shell: Failed to start pty: exec: "sh": executable file not found', "shell-start-failed"),
        ('Unable to start command: Failed to start pty: exec: "x": executable file not found', "command-invalid"),
        # A node without sh, as AWS's agent says it (make real-node).
        ('Unable to start command: exec: "sh": executable file not found in $PATH', "shell-start-failed"),
        ('Unable to start command: Failed to start pty: exec: "sh": executable file not found', "shell-start-failed"),
        ('Unable to start command: exec: "bash": executable file not found in $PATH', "command-invalid"),
        ("Unable to start shell: Failed to start pty: invalid uid and gid", "run-as-user-absent"),
        ("Unrecognized precondition(s): 'x', please update agent to latest version. Step name: y", "agent-too-old"),
        ("Cannot perform start session: websocket: bad handshake", "messages-endpoint-unreachable"),
        ("Cannot perform start session: EOF", "no-terminal"),
        ("not authorized to perform: kms:GenerateDataKey on resource: x", "kms-caller-denied"),
        ("not authorized to perform: kms:GenerateDataKeyWithoutPlaintext on resource: x", None),
    ],
)
def test_texts_of_the_real_agent_and_plugin(text: str, cause: str | None) -> None:
    assert likeliest(text) == cause


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        (
            "Fetching data key failed: Unable to retrieve data key, Error when decrypting data key",
            {"imds-disabled", "instance-profile-missing"},
        ),
        (
            "KMSEncryption failed on client with status 2 error: Error calling KMS GenerateDataKey API:",
            {"caller-credentials", "credentials-missing"},
        ),
    ],
)
def test_missing_credentials_are_those_of_the_side_that_uses_the_key(text: str, causes: set[str]) -> None:
    frame = "Encountered error while initiating handshake."
    found = matches(f"{frame} {text} NoCredentialProviders: no valid providers in chain. Deprecated.")
    assert {match.cause for match in found} == causes


@pytest.mark.parametrize("text", NORMAL_ENDS)
def test_a_session_that_ended_normally_is_no_error(text: str) -> None:
    matches = match_text(text, catalogue().values())
    assert (matches, is_normal_end(text, matches)) == ((), True)
    for other in UNRELATED:
        assert not is_normal_end(other, match_text(other, catalogue().values()))
    both = f"Session: {SESSION} timed out.{text}"
    assert not is_normal_end(both, match_text(both, catalogue().values()))


@pytest.mark.parametrize("each", CONSOLE_OF_WINDOWS, ids=lambda each: each.text[24:50])
def test_the_command_before_an_error_of_windows_names_the_service(each: Text) -> None:
    assert likeliest(each.text) in each.causes


@every_text
def test_the_console_and_the_plugin_wrap_it_and_nothing_changes(each: Text) -> None:
    assert likeliest(f"{CONSOLE}{each.text}") in each.causes
    assert likeliest(f"\n\nSessionId: {SESSION} : {each.text}\n\n") in each.causes


@pytest.mark.parametrize("text", UNRELATED)
def test_anything_else_is_not_known(text: str) -> None:
    assert matches(text) == ()


def hard_wrapped(text: str, width: int) -> str:
    return "\n".join(line[start : start + width] for line in text.split("\n") for start in range(0, len(line), width))


AGENT = (
    "2020-10-12 13:49:56 ERROR [Name @ file.go.85] [ssm-session-worker] [jane-0a1b] [DataBackend] [pluginName=Port] "
)
JOURNAL = "Oct 12 13:49:56 ip-10-0-0-7 amazon-ssm-agent[1860]: "


def on_each_line(prefix: str, text: str) -> str:
    return "\n".join(f"{prefix}{line}" for line in text.split("\n"))


WAYS: dict[str, Callable[[str, int], str]] = {
    "upper case": lambda text, _width: text.upper(),
    "curly": lambda text, _width: text.translate(CURLY),
    "doubled blanks": lambda text, _width: text.replace(" ", "  "),
    "html": lambda text, _width: html.escape(text),
    "wrapped at words": textwrap.fill,
    "wrapped anywhere": hard_wrapped,
    "written by the agent": lambda text, _width: on_each_line(AGENT, text),
    "in a journal": lambda text, _width: on_each_line(JOURNAL, text),
    "quoted": lambda text, _width: "\n".join(f"> {line}" for line in text.split("\n")),
    "escaped": lambda text, _width: text.replace("\n", "\\n").replace("\t", "\\t"),
    "coloured": lambda text, _width: f"\x1b[31m{text}\x1b[0m",
    "in a scrollback": lambda text, _width: f"{SCROLLBACK}{text}{PROMPT}",
}
"""What happens to a text on its way, in the order in which it happens."""


@pytest.mark.long
@pytest.mark.heavy
@pytest.mark.parametrize("prefix", [AGENT, JOURNAL, f"{JOURNAL}{AGENT}"])
@pytest.mark.parametrize("wrapped", ["wrapped at words", "wrapped anywhere"])
def test_a_log_that_was_wrapped_afterwards_leaves_every_text_the_same(prefix: str, wrapped: str) -> None:
    named = [(likeliest(WAYS[wrapped](on_each_line(prefix, each.text), 80)), each) for each in EVERY_TEXT]
    assert [(cause, each) for cause, each in named if cause not in each.causes] == []


@pytest.mark.long
@pytest.mark.heavy
@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_mangling_leaves_every_text_the_same(way: str) -> None:
    named = [(likeliest(WAYS[way](each.text, 80)), each) for each in EVERY_TEXT]
    assert [(cause, each) for cause, each in named if cause not in each.causes] == []


@unhurried
@given(st.sampled_from(EVERY_TEXT), st.sets(st.sampled_from(list(WAYS))), st.integers(40, 140))
@example(
    Text("Cannot perform start session: unable to determine SessionType", frozenset({"plugin-outdated"})),
    {"wrapped anywhere", "doubled blanks", "written by the agent"},
    40,
)
def test_however_it_was_mangled_it_is_the_same_text(each: Text, ways: set[str], width: int) -> None:
    text = each.text
    for way, mangle in WAYS.items():
        text = mangle(text, width) if way in ways else text
    assert likeliest(text) in each.causes


CUT_MARKS = st.sampled_from(["", "…", "...", "\n---Output truncated---"])


@unhurried
@given(st.sampled_from(EVERY_TEXT), st.floats(0.9, 1.0), CUT_MARKS)
def test_a_text_with_its_tail_cut_off_is_still_known(each: Text, share: float, mark: str) -> None:
    assert matches(each.text[: max(int(len(each.text) * share), 47)] + mark)


@unhurried
@given(st.sampled_from(SEED[:5]), st.floats(0.8, 1.0), CUT_MARKS)
def test_a_documented_message_with_its_tail_cut_off_still_names_its_cause(each: Text, share: float, mark: str) -> None:
    assert likeliest(each.text[: int(len(each.text) * share)] + mark) in each.causes


def test_a_text_that_ends_before_its_target_is_not_taken_for_one_about_a_container() -> None:
    said = "An error occurred (TargetNotConnected) when calling the StartSession operation"
    assert "ecs-exec-failed" not in {match.cause for match in matches(said)}
    assert likeliest(f"{said}: ecs:web_1234") == "ecs-exec-failed"


@unhurried
@given(st.text(max_size=300))
def test_any_text_is_answered_likeliest_first_and_each_cause_once(text: str) -> None:
    found = matches(text)
    assert [match.likelihood for match in found] == sorted((match.likelihood for match in found), reverse=True)
    assert len({match.cause for match in found}) == len(found)


@unhurried
@given(st.lists(st.sampled_from(EVERY_TEXT), min_size=2, max_size=2))
def test_two_errors_in_one_paste_are_both_told(both: list[Text]) -> None:
    told = {match.cause for match in matches("\n".join(f"{CONSOLE}{each.text}" for each in both))}
    assert all(each.causes & told for each in both)


def filled(known: str) -> str:
    """A known text as it is met: something stands in its holes."""
    return known.removeprefix("^").removesuffix("$").replace("%s", "xyz").replace("%i", NODE)


@pytest.mark.parametrize("cause", [each for each in CAUSES if each.known_by], ids=lambda cause: cause.slug)
def test_every_text_that_a_cause_is_known_by_names_it(cause: Cause) -> None:
    told = {known.text: {match.cause for match in matches(filled(known.text))} for known in cause.known_by}
    assert [text for text, causes in told.items() if cause.slug not in causes] == []


def test_an_inner_text_outdoes_the_wrapper_around_it() -> None:
    inner = "Encountered error while initiating handshake. Timed out waiting for encryption challenge."
    assert [match.cause for match in matches(f"----------ERROR-------\n{inner}")] == ["encryption-challenge-failed"]


def test_target_not_connected_fans_out_over_the_path() -> None:
    told = {match.cause for match in matches("An error occurred (TargetNotConnected) when calling the StartSession")}
    assert told >= {
        "wrong-region-or-account",
        "instance-not-running",
        "instance-profile-missing",
        "role-core-denied",
        "no-route-to-endpoint",
        "not-registered",
        "connection-lost",
        "control-channel-down",
    }


def test_what_can_all_be_behind_it_is_never_nearly_certain() -> None:
    for text in ("TargetNotConnected", "Blank screen displays after starting a session"):
        assert len(matches(text)) > 4
        assert all(match.likelihood <= 0.5 for match in matches(text))


def test_other_languages_match_by_what_stays_untranslated() -> None:
    german = (
        f"{CONSOLE}Die Sitzung konnte nicht gestartet werden, da die Verschlüsselung für den Amazon S3-Bucket nicht "
        "überprüft werden kann. Fehler: Zugriff verweigert, Statuscode: 403"
    )
    assert likeliest(german) == "s3-encryption-unreadable"
    japanese = "SSM エラー: AccessDeniedException: ... is not authorized to perform: kms:GenerateDataKey"
    assert likeliest(japanese) == "kms-caller-denied"


@pytest.mark.long
@pytest.mark.heavy
def test_a_scrollback_of_a_million_lines_is_read_from_its_end() -> None:
    started = time.process_time()
    assert likeliest("sh-5.2$ ls\n" * 1_000_000 + "SessionManagerPlugin is not found.") == "plugin-missing"
    assert time.process_time() - started < 20


def test_a_bare_text_counts_where_the_message_is_nothing_else() -> None:
    assert likeliest("2026-01-01 10:00:00 ERROR No space left on device.") == "root-volume-full"
    assert likeliest("write /var/log/syslog: no space left on device") is None
    skewed = "InvalidSignatureException: Signature expired: 20191110T104635Z is now earlier than 20191110T211309Z"
    assert {match.cause for match in matches(skewed)} == {"node-clock-skewed", "workstation-clock-skewed"}
    assert all(match.likelihood <= 0.5 for match in matches(skewed))
    assert likeliest(f"Amazon.KinesisFirehose: {skewed}") is None


def test_the_reason_outranks_the_state_that_it_is_the_reason_for() -> None:
    hibernate = "2025-02-05 08:27:45 INFO [ssm-agent-worker] Entering SSM Agent hibernate - "
    assert likeliest(f"{hibernate}InvalidSignatureException: Signature expired: x") == "node-clock-skewed"
    assert likeliest(f"{hibernate}ThrottlingException: Rate exceeded") == "throttled"
    assert likeliest(f"{hibernate}something new") == "agent-hibernating"


def test_what_another_entry_of_a_log_says_is_no_reason_for_a_state() -> None:
    told = {
        match.cause
        for match in matches(
            "2025-02-05 08:27:45 INFO [a] Entering SSM Agent hibernate - something new\n"
            "2025-02-05 08:27:46 ERROR [b] Unable to dial connection to server: dial tcp :22: connect: refused"
        )
    }
    assert told == {"agent-hibernating", "port-refused"}


def test_a_crash_of_the_plugin_names_the_plugin() -> None:
    crash = (
        "panic: runtime error: invalid memory address or nil pointer dereference\n"
        "[signal SIGSEGV: segmentation violation code=0x2 addr=0x18 pc=0x102584cec]\n\n"
        "goroutine 1 [running]:\n"
        "github.com/aws/session-manager-plugin/src/sessionmanagerplugin/session.(*Session).Execute(0x14000)"
    )
    assert likeliest(crash) == "plugin-known-bad"

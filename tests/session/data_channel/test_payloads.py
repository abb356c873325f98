from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.data_channel import payloads
from ssmtui.session.data_channel.payloads import (
    Acknowledgement,
    ActionStatus,
    Closing,
    EncryptionAction,
    Flag,
    HandshakeComplete,
    HandshakeRequest,
    HandshakeResponse,
    MalformedPayload,
    OtherAction,
    ProcessedAction,
    SessionTypeAction,
    Size,
    challenge_of,
    challenge_payload,
)

READERS: tuple[Callable[[bytes], object], ...] = (
    Acknowledgement.of,
    Closing.of,
    Size.of,
    payloads.flag_of,
    HandshakeRequest.of,
    HandshakeComplete.of,
    challenge_of,
)
NAMES = (
    "AcknowledgedMessageSequenceNumber",
    "AcknowledgedMessageType",
    "Output",
    "SessionId",
    "cols",
    "rows",
    "AgentVersion",
    "RequestedClientActions",
    "ActionType",
    "ActionParameters",
    "SessionType",
    "KMSKeyId",
    "HandshakeTimeToComplete",
    "CustomerMessage",
    "Challenge",
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["SessionType", "KMSEncryption"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(payload=st.binary(max_size=100) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_payload_or_malformed(payload: bytes) -> None:
    for read in READERS:
        with contextlib.suppress(MalformedPayload):
            read(payload)


@given(value=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_any_json_is_a_payload_or_malformed(value: object) -> None:
    for read in READERS:
        with contextlib.suppress(MalformedPayload):
            read(json.dumps(value).encode())


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "payload", [b"[" * 100_000, b'{"a":' * 100_000, b'{"cols":' + b"9" * 10_000 + b"}", b'{"Output":"\xff"}', b"NaN"]
)
def test_what_breaks_parsers_is_malformed(read: Callable[[bytes], object], payload: bytes) -> None:
    with pytest.raises(MalformedPayload):
        read(payload)


@given(st.text(max_size=20), st.uuids().map(str), st.integers(0, 2**63))
def test_an_acknowledgement_comes_back(message_type: str, message_id: str, sequence: int) -> None:
    told = Acknowledgement(message_type, message_id, sequence)
    assert Acknowledgement.of(told.payload()) == told


def test_an_acknowledgement_reads_as_both_go_programs_write_it() -> None:
    assert Acknowledgement("output_stream_data", "dd01e56b-ff48-483e-a508-b5f073f31b16", 3).payload() == (
        b'{"AcknowledgedMessageType":"output_stream_data",'
        b'"AcknowledgedMessageId":"dd01e56b-ff48-483e-a508-b5f073f31b16",'
        b'"AcknowledgedMessageSequenceNumber":3,"IsSequentialMessage":true}'
    )


@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_a_size_comes_back(columns: int, rows: int) -> None:
    assert Size.of(Size(columns, rows).payload()) == Size(columns, rows)


@pytest.mark.parametrize("flag", Flag)
def test_a_flag_comes_back(flag: Flag) -> None:
    assert payloads.flag_of(flag.to_bytes(4, "big")) is flag


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        *((b"EXIT_CODE: 0", 0), (b"EXIT_CODE: 130\n", 130), (b"EXIT_CODE: 255", 255), (b"EXIT_CODE: 007", 7)),
        *((b"EXIT_CODE: 256", 255), (b"EXIT_CODE: -1", 255), (b"EXIT_CODE: -1073741510", 255), (b"EXIT_CODE: ", 255)),
        *((b"EXIT_CODE: " + b"9" * 100_000, 255), (b"EXIT_CODE: none", 255), (b"", 255), (b"\xff", 255)),
        (b"EXIT_CODE: 0x0", 255),
    ],
)
def test_an_exit_code_is_one_of_a_process_and_0_only_for_success(payload: bytes, code: int) -> None:
    assert payloads.exit_code_of(payload) == code


def test_the_end_tells_why() -> None:
    told = b'{"MessageType":"channel_closed","SessionId":"ann-1","SchemaVersion":1,"Output":"Handshake timed out."}'
    assert Closing.of(told) == Closing(session_id="ann-1", output="Handshake timed out.")


def test_a_handshake_request_is_read_with_what_is_not_known() -> None:
    told = {
        "AgentVersion": "3.3.987.0",
        "RequestedClientActions": [
            {"ActionType": "SessionType", "ActionParameters": {"SessionType": "Standard_Stream", "Properties": None}},
            {"ActionType": "KMSEncryption", "ActionParameters": {"KMSKeyId": "alias/k", "Challenge": "eA=="}},
            {"ActionType": "Dance", "ActionParameters": 3},
        ],
    }
    request = HandshakeRequest.of(json.dumps(told).encode())
    assert request == HandshakeRequest(
        "3.3.987.0", (SessionTypeAction("Standard_Stream"), EncryptionAction("alias/k", "eA=="), OtherAction("Dance"))
    )
    assert (request.session_type, request.key_id, request.challenge) == ("Standard_Stream", "alias/k", "eA==")


def test_a_handshake_response_reads_as_the_plugin_writes_it() -> None:
    response = HandshakeResponse(
        "1.2.764.0",
        (
            ProcessedAction("SessionType", ActionStatus.SUCCESS),
            ProcessedAction("KMSEncryption", ActionStatus.SUCCESS, key=b"blob"),
        ),
    )
    assert json.loads(response.payload()) == {
        "ClientVersion": "1.2.764.0",
        "ProcessedClientActions": [
            {"ActionType": "SessionType", "ActionStatus": 1, "ActionResult": None, "Error": ""},
            {
                "ActionType": "KMSEncryption",
                "ActionStatus": 1,
                "ActionResult": {"KMSCipherTextKey": "YmxvYg==", "KMSCipherTextHash": None},
                "Error": "",
            },
        ],
        "Errors": None,
    }


def test_the_end_of_the_handshake_is_read() -> None:
    told = b'{"HandshakeTimeToComplete":1500000000,"CustomerMessage":"This session is encrypted using AWS KMS."}'
    assert HandshakeComplete.of(told) == HandshakeComplete("This session is encrypted using AWS KMS.", 1.5)


@given(st.binary(max_size=100))
def test_a_challenge_comes_back(challenge: bytes) -> None:
    assert challenge_of(challenge_payload(challenge)) == challenge


def test_the_first_message_presents_the_token() -> None:
    client, request = uuid.UUID(int=1), uuid.UUID(int=2)
    assert json.loads(payloads.opening_message("the token", client, request, "1.2.764.0")) == {
        "MessageSchemaVersion": "1.0",
        "RequestId": str(request),
        "TokenValue": "the token",
        "ClientId": str(client),
        "ClientVersion": "1.2.764.0",
    }

"""The encryption of sessions: the frames of the data channel, and keys."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.simulator.gateway.channel import (
    INPUT,
    OUTPUT,
    Frame,
    FrameError,
    PayloadType,
    acknowledgement,
    channel_closed,
    json_in,
    packed,
    unpacked,
)
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import ids_by_name
from tests.simulator.gateway.client import REGION, Visitor
from tests.simulator.gateway.encrypted_client import KeyedClient

HANDSHAKE = "\n----------ERROR-------\nEncountered error while initiating handshake. "
ON_CLIENT = (
    f"{HANDSHAKE}KMSEncryption failed on client with status 2 error: "
    "Failed to process action KMSEncryption: Error calling KMS GenerateDataKey API: "
)
ON_NODE = f"{HANDSHAKE}Fetching data key failed: Unable to retrieve data key, Error when decrypting data key "


def id_of(name: str) -> str:
    return ids_by_name(REGION)[name]


@pytest.mark.parametrize("acknowledges", [False, True])
def test_a_shell_under_a_key_is_encrypted_both_ways(aws: SimulatedAws, *, acknowledges: bool) -> None:
    aws.load("healthy-small")
    visitor = Visitor(aws)
    with visitor.session("web-1") as channel:
        keyed = KeyedClient(visitor, channel, id_of("web-1"), acknowledges=acknowledges)
        assert keyed.shake_hands()["CustomerMessage"] == "This session is encrypted using AWS KMS."
        first = channel.next()
        assert (first.payload_type, first.payload.find(b"simulated")) == (PayloadType.OUTPUT, -1)
        assert keyed.opened(first.payload).endswith(b"sh-5.2$ ")
        channel.type("in the clear: passed over\r")
        channel.say(PayloadType.OUTPUT, keyed.sealed(b"exit\r"))
        assert keyed.opened(channel.next().payload) == b"exit\r\nexit\r\n"
        assert channel.ending() == ""


def test_an_agent_can_refuse_a_key_that_is_not_bound_to_its_challenge(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    aws.pace.demands_challenge = True
    visitor = Visitor(aws)
    with visitor.session("web-1") as channel:
        KeyedClient(visitor, channel, id_of("web-1")).answer_request()
        assert channel.ending() == f"{HANDSHAKE}client does not support required encryption context random challenge"


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        ("kms-caller-denied", "AccessDeniedException: User: "),
        ("key-disabled", "DisabledException: arn:aws:kms:"),
        ("key-missing", "NotFoundException: "),
        ("key-unusable", "InvalidKeyUsageException: "),
        ("key-pending-deletion", "KMSInvalidStateException: arn:aws:kms:"),
        ("key-wrong-region", "NotFoundException: Invalid arn "),
    ],
)
def test_a_key_that_the_client_cannot_use_ends_the_handshake(aws: SimulatedAws, world: str, reason: str) -> None:
    aws.load(world)
    visitor = Visitor(aws)
    with visitor.session("web-1") as channel:
        KeyedClient(visitor, channel, id_of("web-1")).answer_request()
        assert str(channel.ending()).startswith(ON_CLIENT + reason)


def test_a_node_that_may_not_decrypt_ends_the_handshake(aws: SimulatedAws) -> None:
    aws.load("caller-no-simulate")
    visitor = Visitor(aws)
    with visitor.session("reporting-1") as channel:
        KeyedClient(visitor, channel, id_of("reporting-1")).answer_request()
        assert str(channel.ending()).startswith(
            f"{ON_NODE}AccessDeniedException: The ciphertext refers to a AWS KMS key"
        )


def test_another_target_in_the_context_is_an_invalid_ciphertext(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    visitor = Visitor(aws)
    with visitor.session("web-1") as channel:
        KeyedClient(visitor, channel, "web-1").answer_request()
        assert str(channel.ending()).startswith(f"{ON_NODE}InvalidCiphertextException: \n\tstatus code: 400")


def test_a_wrong_answer_to_the_challenge_is_as_good_as_none(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    visitor = Visitor(aws)
    with visitor.session("web-1") as channel:
        keyed = KeyedClient(visitor, channel, id_of("web-1"))
        keyed.answer_request()
        keyed.answer_challenge(wrongly=True)
        assert channel.ending() == f"{HANDSHAKE}Timed out waiting for encryption challenge."


@pytest.mark.parametrize("response", [None, b"no JSON", json.dumps({"ProcessedClientActions": []}).encode()])
def test_a_client_that_does_not_know_handshakes_ends_the_session(aws: SimulatedAws, response: bytes | None) -> None:
    aws.load("healthy-small")
    aws.pace.handshake_seconds = 0.2
    with Visitor(aws).session("web-1") as channel:
        channel.next_of(PayloadType.HANDSHAKE_REQUEST)
        if response is not None:
            channel.say(PayloadType.HANDSHAKE_RESPONSE, response)
        assert str(channel.ending()).startswith(HANDSHAKE)


ID = UUID("00112233-4455-6677-8899-aabbccddeeff")


def test_every_field_has_its_place() -> None:
    data = packed(Frame(OUTPUT, b"hello", PayloadType.OUTPUT, sequence=7, flags=1, id=ID))
    assert data[:4] == (116).to_bytes(4)
    assert data[4:36] == b"output_stream_data".ljust(32)
    assert data[36:40] == (1).to_bytes(4)
    assert int.from_bytes(data[40:48]) > 1_700_000_000_000
    assert data[48:64] == (7).to_bytes(8) + (1).to_bytes(8)
    assert data[64:80] == ID.bytes[8:] + ID.bytes[:8]
    assert data[80:112] == hashlib.sha256(b"hello").digest()
    assert data[112:] == (1).to_bytes(4) + (5).to_bytes(4) + b"hello"


@given(st.binary(max_size=2000), st.sampled_from(PayloadType), st.integers(0, 2**40), st.uuids())
def test_a_message_comes_back_as_it_was(payload: bytes, kind: PayloadType, sequence: int, id_: UUID) -> None:
    frame = Frame(INPUT, payload, kind, sequence, sequence % 4, id_)
    assert unpacked(packed(frame)) == frame


@given(st.binary(max_size=300) | st.binary(min_size=120, max_size=130))
def test_what_is_no_message_raises_its_own_error(data: bytes) -> None:
    with pytest.raises(FrameError):
        unpacked(data)


@given(st.binary(max_size=50))
def test_a_payload_that_is_no_object_raises_it_too(payload: bytes) -> None:
    try:
        told = json_in(payload)
    except FrameError:
        return
    assert isinstance(told, dict)


def test_an_acknowledgement_names_what_it_is_for() -> None:
    frame = acknowledgement(Frame(INPUT, b"", sequence=3, id=ID))
    assert (frame.type, frame.flags) == ("acknowledge", 3)
    assert json_in(frame.payload) == {
        "AcknowledgedMessageType": INPUT,
        "AcknowledgedMessageId": str(ID),
        "AcknowledgedMessageSequenceNumber": 3,
        "IsSequentialMessage": True,
    }


def test_the_end_is_told_with_its_text() -> None:
    told = json_in(channel_closed("alex-1", "i-1", "why").payload)
    assert (told["SessionId"], told["DestinationId"], told["Output"]) == ("alex-1", "i-1", "why")

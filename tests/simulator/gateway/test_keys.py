"""Encrypted sessions, with keys from the simulated KMS: what opens, and what the handshake fails with."""

from __future__ import annotations

import json

import pytest

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.gateway.client import REGION, Visitor
from tests.simulator.gateway.encrypted_client import KeyedClient
from tests.simulator.nodes import ids_by_name

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

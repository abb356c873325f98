"""The cipher of an encrypted session: AES-256-GCM by the halves of its data key (docs/facts/data-channel.md §3)."""

from __future__ import annotations

import os

NONCE = 12
TAG = 16
HALF = 32


class Undecipherable(Exception):
    """What came was not encrypted with this session's key, or was changed on its way."""


class SessionCipher:
    """Deciphers what the agent sent, and enciphers what is sent to it. Its key is in no `repr`.

    Raises:
        Undecipherable: the data key has not the 64 bytes that make one.

    """

    def __init__(self, data_key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        if len(data_key) != 2 * HALF:
            raise Undecipherable(f"a data key of {len(data_key)} bytes")
        self._agents = AESGCM(data_key[:HALF])
        self._ours = AESGCM(data_key[HALF:])

    def decipher(self, data: bytes) -> bytes:
        """What the agent had enciphered: nonce, ciphertext and tag in one.

        Raises:
            Undecipherable: it is not of this key.

        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        if len(data) < NONCE + TAG:
            raise Undecipherable("less than a nonce and a tag")
        try:
            return self._agents.decrypt(data[:NONCE], data[NONCE:], None)
        except InvalidTag:
            raise Undecipherable("not of this session's key") from None

    def encipher(self, data: bytes) -> bytes:
        """The same for the agent."""
        nonce = os.urandom(NONCE)
        return nonce + self._ours.encrypt(nonce, data, None)

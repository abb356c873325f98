"""The encryption of a session: AES-256-GCM with the halves of a data key. Source: docs/facts/data-channel.md §4."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 64
_NONCE_BYTES: Final = 12
_CHALLENGE_BYTES: Final = 64


class CipherError(Exception):
    """What came is not encrypted with the session's key."""


class Cipher:
    """The agent's side: seals by the first half, opens by the other. The key is in no `repr`."""

    def __init__(self, data_key: bytes) -> None:
        """Raises CipherError where the key is of another size."""
        if len(data_key) != KEY_BYTES:
            raise CipherError("the data key is of another size")
        self._own, self._theirs = AESGCM(data_key[: KEY_BYTES // 2]), AESGCM(data_key[KEY_BYTES // 2 :])
        # The agent's nonces count from one drawn by chance.
        self._nonce = int.from_bytes(os.urandom(_NONCE_BYTES)) >> 1

    def seal(self, plain: bytes) -> bytes:
        """Encrypt for the client."""
        self._nonce += 1
        nonce = self._nonce.to_bytes(_NONCE_BYTES)
        return nonce + self._own.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what the client sealed; raises CipherError."""
        try:
            return self._theirs.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise CipherError("not sealed with the session's key") from error


def new_challenge() -> bytes:
    """What the client has to send back under its own half."""
    return os.urandom(_CHALLENGE_BYTES)

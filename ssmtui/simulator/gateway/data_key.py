"""The data key of a session, as the node has it decrypted by the simulated KMS."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

from moto.core.exceptions import ServiceException
from moto.kms.exceptions import AccessDeniedException, InvalidCiphertextException, NotFoundException
from moto.kms.models import kms_backends

from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.moto_aws import turn

_REFUSED: Final = "\n\tstatus code: 400, request id: 7d1f3a52-8c0e-4b6d-9a2f-5e3c1b0d9f84"


class DataKeyError(Exception):
    """KMS did not decrypt it; the text is the SDK's of the agent."""


def decrypted(opening: Opening, ciphertext: bytes, context: Mapping[str, str]) -> bytes:
    """The data key in the clear; raises DataKeyError."""
    try:
        with turn:
            backend = kms_backends[opening.account][opening.region]
            plain, _ = backend.decrypt(ciphertext, dict(context))
    except (InvalidCiphertextException, struct.error, ValueError, IndexError) as error:
        raise DataKeyError(f"InvalidCiphertextException: {_REFUSED}") from error
    except (AccessDeniedException, NotFoundException, ServiceException) as error:
        raise DataKeyError(f"AccessDeniedException: {error}{_REFUSED}") from error
    return bytes(plain)

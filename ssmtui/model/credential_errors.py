"""The error codes by which AWS does not take credentials, whatever they would permit."""

from __future__ import annotations

EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredCredentials"}
)
"""They were good once."""

REJECTED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""They, or what was signed with them, are not good."""


def is_of_credentials(code: str) -> bool:
    """Whether AWS does not take the credentials at all, whatever they would permit."""
    return code in EXPIRED or code in REJECTED

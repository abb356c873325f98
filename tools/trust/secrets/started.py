"""Run ssmtui for `make secrets`: it logs everything, receives a code at its prompt, and can crash."""

from __future__ import annotations

import getpass
import logging
import os

from tools.trust.secrets.runs import MFA_CODE


def _log_everything() -> None:
    """Log everything at any level, as soon as a log file is open."""
    ours = logging.getLogger("ssmtui")
    set_level = ours.setLevel

    def at_debug(level: int | str) -> None:
        del level
        set_level(logging.DEBUG)

    ours.setLevel = at_debug  # type: ignore[method-assign]


def _told_code(prompt: str = "", stream: object = None) -> str:
    """Return the code that the user types."""
    del prompt, stream
    return MFA_CODE


def _crash() -> None:
    """Raise an error deep in the stack, with secrets in every frame above it."""
    from ssmtui.evidence.aws import sdk

    async def broken(client: object, operation: str, parameters: object) -> object:
        held = vars(client).get("_request_signer")
        raise RuntimeError(f"a defect at {operation}, and {type(held).__name__}")

    sdk.invoke = broken  # type: ignore[assignment]


if __name__ == "__main__":
    getpass.getpass = _told_code
    _log_everything()
    if os.environ.pop("SECRETS_CRASH", ""):
        _crash()
    from ssmtui.cli import main

    main()

"""An error as AWS answers it, before it is written in the protocol of its service."""

from __future__ import annotations


class AwsError(Exception):
    """An error answer. Where the service's model names the status of the code, that wins over `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

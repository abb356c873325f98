"""References of a scenario to what AWS names itself: ``<key:NAME>`` is the ARN of a key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from ssmtui.simulator.scenario import Statement

_REFERENCE: Final = re.compile(r"<key:([^>]*)>")


class References:
    """The ARNs of the keys made so far, by their names in the scenario."""

    def __init__(self) -> None:
        self._arns: dict[str, str] = {}

    def add(self, key_name: str, arn: str) -> None:
        """Note the ARN of a key."""
        self._arns[key_name] = arn

    def arn(self, key_name: str) -> str:
        """The ARN of a key; KeyError where the scenario has none of that name."""
        return self._arns[key_name]

    def resolved(self, text: str) -> str:
        """The text with every reference replaced."""
        return _REFERENCE.sub(lambda found: self._arns[found.group(1)], text)

    def document(self, statements: Sequence[Statement | Mapping[str, object]]) -> str:
        """A policy document of these statements."""
        return self.resolved(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))

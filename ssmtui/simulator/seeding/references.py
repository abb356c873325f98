"""References of a scenario to what AWS names itself.

``<key:NAME>`` is the ARN of a key, ``<key-id:NAME>`` its id, ``<id:NAME>`` that of a network or a node.

Scenarios are written in ARNs of the partition ``aws``; they mean the partition of their home Region.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from moto.utilities.utils import get_partition

from ssmtui.simulator.scenario import StatementJSON

_WRITTEN: Final = "arn:aws:"
_REFERENCE: Final = re.compile(r"<(key|key-id|id):([^>]*)>")


class References:
    """The ARNs of keys and the ids of networks and nodes made so far, by name, and the partition of the home Region."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._arns: dict[str, str] = {}
        self._prefix = f"arn:{get_partition(home)}:"

    def add(self, key_name: str, arn: str) -> None:
        """Note the ARN of a key."""
        self._arns[key_name] = arn

    def arn(self, key_name: str) -> str:
        """The ARN of a key; KeyError where the scenario has none of that name."""
        return self._arns[key_name]

    def resolved(self, text: str) -> str:
        """The text with every reference replaced, in ARNs of the partition."""
        return _REFERENCE.sub(self._meant, text.replace(_WRITTEN, self._prefix))

    def _meant(self, found: re.Match[str]) -> str:
        arn = self._arns[found.group(2)]
        return arn.rpartition("/")[2] if found.group(1) == "key-id" else arn

    def document(self, statements: Sequence[StatementJSON | Mapping[str, object]]) -> str:
        """A policy document of these statements."""
        return self.resolved(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))

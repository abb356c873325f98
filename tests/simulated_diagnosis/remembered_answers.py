"""Answers of a simulated AWS that stands as it is, remembered: who diagnoses it again asks only for what is new."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from ssmtui.evidence.aws import sdk

Operation = tuple[str, str]


@dataclass(slots=True)
class RememberedAnswers:
    """What the readers were answered, beneath all that they make of it. Failures are not remembered."""

    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @contextmanager
    def in_use(self, *, anew: Collection[Operation] = ()) -> Iterator[None]:
        """Meanwhile what was asked already is answered as it was then, but for what is to be asked anew.

        So is who calls: with that answer comes what time it is.
        """
        ask = sdk.invoke

        async def invoke(client: Any, operation: str, parameters: dict[str, object]) -> Any:
            service = client.meta.service_model.service_name
            if service == "sts" or (service, operation) in anew:
                return await ask(client, operation, parameters)
            # A look back begins so long before now: at another moment in each diagnosis.
            told = {name: value for name, value in parameters.items() if name != "StartTime"}
            key = json.dumps([client.meta.region_name, service, operation, told], sort_keys=True, default=str)
            if key not in self.answers:
                self.answers[key] = await ask(client, operation, parameters)
            return self.answers[key]

        with patch.object(sdk, "invoke", invoke):
            yield

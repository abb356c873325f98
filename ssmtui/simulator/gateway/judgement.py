"""What the agent of a session finds at each step, by the state of the simulated account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.moto_aws import turn
from ssmtui.simulator.reality.attempt import Attempt
from ssmtui.simulator.reality.messages import Names, text_of

_STEPS: Final[Mapping[str, Callable[[Attempt], str | None]]] = {
    "agent": Attempt.agent,
    "data_channel": Attempt.data_channel,
    "document": Attempt.document,
    "decrypt": Attempt.key,
    "log_group": Attempt.log_group,
    "bucket": Attempt.bucket,
    "disk": Attempt.disk,
    "run_as": Attempt.run_as,
    "shell": Attempt.shell,
}


def judged(opening: Opening, *steps: str) -> str | None:
    """The text that the session ends with at one of these steps; empty where it is never told, None where all pass."""
    with turn:
        attempt = Attempt.on(opening.account, opening.region, opening.node_id, opening.settings)
        if attempt is None:
            return ""
        for step in steps:
            cause = _STEPS[step](attempt)
            if cause is not None:
                return text_of(step, cause, names_of(opening, attempt.node_arn))
    return None


def names_of(opening: Opening, node_caller: str = "") -> Names:
    """Whom and what the texts of a session name."""
    return Names(
        opening.account,
        opening.region,
        opening.node_id,
        opening.settings,
        session_id=opening.session_id,
        kind=opening.kind,
        node_caller=node_caller,
    )

"""What becomes of a session to a node: it opens, or stops where the agent finds the first fault.

The agent's order: data channel, handshake with the key, log group's encryption, bucket's encryption, shell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ssmtui.simulator.reality import caller, preferences
from ssmtui.simulator.reality.attempt import Attempt
from ssmtui.simulator.reality.messages import Names, text_of
from ssmtui.simulator.reality.registration import awaits_host_management, registration_of

_DELAYS = frozenset({"instance-starting", "profile-attached-late"})
_SILENT = frozenset({"not-registered", "connection-lost"})


@dataclass(frozen=True, slots=True)
class SessionOutcome:
    """`cause` is the slug of what stops the session and `message` AWS's text for it; both None where it opens.

    `losses` are the slugs of what goes missing from a session that opens. `delayed` says that the node comes by itself,
    once AWS's own delay has passed.
    """

    cause: str | None = None
    message: str | None = None
    losses: tuple[str, ...] = ()
    delayed: bool = False

    @property
    def opens(self) -> bool:
        """Whether there is a shell."""
        return self.cause is None


def session_outcome(account: str, region: str, node_id: str) -> SessionOutcome:
    """Open a session in thought, as the agent of the node would."""
    registration = registration_of(account, region, node_id)
    settings = preferences.in_force(account, region)
    names = Names(account, region, node_id, settings)
    lacks = caller.stopped(account, region, node_id)
    if registration.unconnected != "instance-not-running" and lacks is not None:
        return SessionOutcome(lacks, text_of("caller", lacks, names))
    if registration.unconnected is not None or registration.role is None:
        delayed = registration.unconnected in _DELAYS or (
            registration.unconnected in _SILENT and awaits_host_management(account, region, node_id)
        )
        return SessionOutcome(registration.unconnected, text_of("not-connected", "", names), delayed=delayed)
    attempt = Attempt(account, region, node_id, registration, registration.role, settings)
    names = replace(names, node_caller=attempt.node_arn)
    steps: tuple[Callable[[], str | None], ...] = (
        attempt.tier,
        attempt.agent,
        attempt.data_channel,
        attempt.document,
        attempt.key,
        attempt.log_group,
        attempt.bucket,
        attempt.run_as,
        attempt.shell,
    )
    for step in steps:
        cause = step()
        if cause is not None:
            return SessionOutcome(cause, text_of(step.__name__, cause, names))
    return SessionOutcome(losses=attempt.losses())

"""Operations that answer nobody: who asks for one after others have waited in vain need not wait as well."""

from __future__ import annotations

from ssmtui.evidence.wire.deadline import Deadline, deadline_in_force


class Silence:
    """What is known of one scope's operations, each `(service, operation)`, in the time that a Region is given."""

    def __init__(self) -> None:
        self._answered: dict[tuple[str, str], Deadline | None] = {}
        self._silent: dict[tuple[str, str], Deadline] = {}

    def heard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """An operation has answered: it is no silent one."""
        self._answered[operation] = whole
        self._silent.pop(operation, None)

    def unheard(self, operation: tuple[str, str], whole: Deadline | None) -> None:
        """An operation has used up the time of a read, and has answered nobody before in a Region's time."""
        if whole is not None and self._answered.get(operation) is not whole:
            self._silent[operation] = whole

    def of(self, operation: tuple[str, str]) -> Deadline | None:
        """The Region's time in force, where an operation has answered nobody in it: it is for what else is read."""
        whole = deadline_in_force()
        return whole if whole is not None and self._silent.get(operation) is whole else None

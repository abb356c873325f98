"""A writer for one call of a plan: whatever carries it out can make that call, as it was shown, and no other."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.changes.problems import ChangedMeanwhile, ChangeFailed, ChangeRefused, NotInThePlan
from ssmtui.changes.writing import Response, Writing
from ssmtui.model.plan import JSON, Call

_CONTENT = "Content"


class OneCall:
    """Writes by another writer what a call says, once (see `Writing`); again only where nothing came of it.

    `parameters` are those of the call, with what was taken from answers.
    """

    def __init__(self, writer: Writing, call: Call, parameters: Mapping[str, JSON]) -> None:
        self._writer = writer
        self._call = call
        self._parameters = parameters
        self._is_made = False

    def account(self) -> str:
        """The account that the credentials belong to, now."""
        return self._writer.account()

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        """The answer to a read; None where AWS says that there is no such thing."""
        return self._writer.read(service, operation, parameters)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        """The answer to the call.

        Raises:
            NotInThePlan: it is another one, or was made before.

        """
        planned = (self._call.service, self._call.operation) == (service, operation)
        if self._is_made or not planned or not self._says(parameters):
            raise NotInThePlan(service, operation)
        self._is_made = True
        try:
            return self._writer.write(service, operation, parameters)
        except (ChangeFailed, ChangeRefused, ChangedMeanwhile):
            self._is_made = False
            raise

    def pause(self) -> None:
        """Wait a moment."""
        self._writer.pause()

    def _says(self, parameters: Mapping[str, JSON]) -> bool:
        """Whether parameters are those of the plan; AWS asks for newlines at the end of a text that it had before."""
        planned, given = self._parameters.get(_CONTENT), parameters.get(_CONTENT)
        if isinstance(planned, str) and isinstance(given, str) and given.startswith(planned):
            ended_alike = not given.removeprefix(planned).strip("\n")
            return ended_alike and {**parameters, _CONTENT: planned} == self._parameters
        return parameters == self._parameters

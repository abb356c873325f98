"""The habits of one running app: changed at once for its screens, and in their file for the next start."""

from __future__ import annotations

from collections.abc import Callable

from ssmtui.ui.state.habits import Habits
from ssmtui.ui.state.habits_file import HabitsFile, HabitsUnusable


class KeptHabits:
    """What was chosen last, here or in an earlier run. Without a file nothing outlasts the run.

    A file that cannot be used takes nothing from the app but its memory: `told` says so once.
    """

    def __init__(self, file: HabitsFile | None = None) -> None:
        self._file = file
        self._trouble = ""
        self._said: set[str] = set()
        self.current = Habits()
        if file is not None:
            try:
                self.current = file.read()
            except HabitsUnusable as error:
                self._trouble = str(error)

    def change(self, by: Callable[[Habits], Habits]) -> None:
        """Change them; `by` is called for those of this run, and for those that another run may have left meanwhile."""
        was, self.current = self.current, by(self.current)
        if self._file is None or self.current == was:
            return
        try:
            self._file.change(by)
        except HabitsUnusable as error:
            self._trouble = str(error)

    def told(self) -> str:
        """Why what is chosen is not kept, where nobody has been told so; else empty."""
        if not self._trouble or self._trouble in self._said:
            return ""
        self._said.add(self._trouble)
        return self._trouble

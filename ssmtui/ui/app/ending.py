"""The app ended by others than the person: by a signal, a terminal that is gone, or a defect of any thread."""

from __future__ import annotations

import sys
from collections.abc import Callable

from textual.driver import Driver

from ssmtui.ui.app.outliving import Outliving

HUNG_UP = 129
"""The exit code of what a closed terminal ended (128 + SIGHUP)."""


class Ending(Outliving):
    """The part of the app that ends in order: what is open is ended, and the terminal is as it was."""

    def get_driver_class(self) -> type[Driver]:
        """Our own, where Textual's is the one that it is made of."""
        chosen = super().get_driver_class()
        if sys.platform == "win32":
            return chosen
        from textual.drivers.linux_driver import LinuxDriver

        from ssmtui.ui.app.terminal import Terminal

        return Terminal if chosen is LinuxDriver else chosen

    def end_in_order(self, code: int) -> bool:
        """End soon, by this exit code; from a signal's handler, too. False where there is no screen that could."""
        if getattr(self._driver, "is_lent", False):
            return False
        if self._exit:
            return True  # it does so already
        return self._on_the_loop(lambda: self.exit(return_code=code))

    def has_begun_to_end(self) -> bool:
        """Whether the app has heard that it is to end."""
        return self._exit

    def let_terminal_go(self) -> None:
        """Give the terminal back from another thread while this app hangs: nothing of it may wait for the app."""
        let_go = getattr(self._driver, "let_go", None)
        if let_go is not None:
            let_go()

    def give_terminal_back(self) -> None:
        """See to it that it is given back, once the app has run: an interruption may have come while Textual did it."""
        if self._driver is not None:
            self._driver.close()

    def end_by_hang_up(self) -> None:
        """End as what a closed terminal ends."""
        self._on_the_loop(lambda: self.exit(return_code=HUNG_UP))

    def end_by_defect(self, error: BaseException) -> None:
        """End by what cannot be outlived; whoever started the app tells of it."""
        self.ended_by = self.ended_by or error
        self._on_the_loop(lambda: self.exit(return_code=1))

    def _on_the_loop(self, do: Callable[[], None]) -> bool:
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        loop.call_soon_threadsafe(do)
        return True

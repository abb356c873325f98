"""Pages of AWS's web console: opened in a browser where there is one, else told, and copied."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from textual import on
from textual.app import App

from ssmtui.language import say
from ssmtui.session.browser import open_in_browser
from ssmtui.ui.screens.wishes import OpenPage


class Browsing(App[None]):
    """The part of the app that opens pages."""

    @on(OpenPage)
    def _open_page(self, wish: OpenPage) -> None:
        if has_browser(os.environ, sys.platform):
            self.run_worker(lambda: self._browse(wish), thread=True, group="page", name="page", exit_on_error=False)
        else:
            self._tell_page(wish)

    def _browse(self, wish: OpenPage) -> None:
        # In a thread: what starts a browser may take its time.
        if open_in_browser(wish.url, os.environ):
            words = say("Opened in the browser, for whoever is signed in to {account} there.", account=wish.account)
            self.call_from_thread(self.notify, words, title=wish.title, timeout=4, markup=False)
        else:
            self.call_from_thread(self._tell_page, wish)

    def _tell_page(self, wish: OpenPage) -> None:
        self.copy_to_clipboard(wish.url)
        self.notify(wish.url, title=say("No browser here. Copied: {title}", title=wish.title), timeout=15, markup=False)


def has_browser(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a browser would open where the person sits: not at the far end of SSH, and not in this very terminal.

    Without a display Python would start a browser of text, on the terminal that is the app's.
    """
    if any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")):
        return False
    if platform in ("darwin", "win32"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))

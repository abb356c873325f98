"""The log file: its owner's alone, printable, and where it cannot be written any more that is said once, at the end."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ssmtui.cli.errors import UsageError
from ssmtui.cli.printing import print_message
from ssmtui.config.private_files import open_file
from ssmtui.language import say
from ssmtui.text.printable import printable_lines


def log_to(file: Path | None) -> None:
    """Log to a file, owner-only; botocore's own debug log, which holds signatures and bodies, stays out of it.

    Raises:
        UsageError: it cannot be opened.

    """
    if file is None:
        return
    try:
        handler = _LogFileHandler(_opened(file))
    except OSError as error:
        raise UsageError(say("the log file cannot be written: {error}", error=error)) from error
    handler.setFormatter(_PrintableFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("ssmtui")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)


def _opened(file: Path) -> int:
    """A file that others may not read, also where an older one could be; a device as it is."""
    if os.path.exists(file) and not os.path.isfile(file):  # noqa: PTH110, PTH113 - of any length
        return os.open(file, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0))
    return open_file(file.resolve(), os.O_WRONLY | os.O_APPEND | os.O_CREAT)


class _PrintableFormatter(logging.Formatter):
    """A log is looked at on terminals, and holds what AWS said."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(printable_lines(super().format(record)))


class _LogFileHandler(logging.Handler):
    """Writes to a file that was opened for it, an entry at a time, and closes it with itself.

    What has no room is left out. Python's own would print a traceback over whatever is on the screen.
    """

    def __init__(self, opened: int) -> None:
        super().__init__()
        self._opened: int | None = opened
        self._trouble = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write an entry."""
        if self._opened is None:
            return
        data = f"{self.format(record)}\n".encode(errors="backslashreplace")
        try:
            if os.write(self._opened, data) < len(data):
                self._trouble = self._trouble or say("there is no room")
        except OSError as error:
            self._trouble = self._trouble or str(error.strerror or error)

    def close(self) -> None:
        """Close the file, and say what was left out."""
        self.acquire()
        try:
            opened, self._opened = self._opened, None
        finally:
            self.release()
        if opened is not None:
            os.close(opened)
            if self._trouble:
                print_message(say("the log file is not whole: {error}", error=self._trouble))
        super().close()

"""The escape that ends a session which answers nothing any more: Enter, `~`, `.`, as ssh has it."""

from __future__ import annotations

INTERRUPT = b"\x03"
_ENTER = b"\r\n"


class Escape:
    """Reads what is typed along. `~` at the beginning of a line waits for what follows; `~~` is one `~`."""

    def __init__(self) -> None:
        self._at_start = True
        self._held = False
        self.ended = False

    def typed(self, keys: bytes) -> bytes:
        """What of it goes to the session. `ended` says that the escape was typed; nothing after it counts."""
        sent = bytearray()
        for number in keys:
            key = bytes((number,))
            if self._held:
                self._held = False
                if key == b".":
                    self.ended = True
                    break
                if key != b"~":
                    sent += b"~"
            elif self._at_start and key == b"~":
                self._held = True
                continue
            sent += key
            self._at_start = key in _ENTER
        return bytes(sent)

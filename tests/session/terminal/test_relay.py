"""Bytes between a person and a session: none is lost, however slowly they are taken."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

from ssmtui.session.terminal import RelayEnds, TerminalRelay
from ssmtui.session.terminal_signals import Alarm


def test_the_output_of_a_session_that_is_over_is_written_to_its_end(tmp_path: Path) -> None:
    said = bytes(range(256)) * 4096
    (tmp_path / "said").write_bytes(said)
    session = os.open(tmp_path / "said", os.O_RDONLY)
    reader, target = os.pipe()
    taken = bytearray()

    def take() -> None:
        while piece := os.read(reader, 4096):
            taken.extend(piece)

    person = Thread(target=take)
    person.start()
    alarm = Alarm()
    relay = TerminalRelay(
        RelayEnds(session, target), alarm, read=lambda _: None, closing=lambda: b"", lost=lambda: None
    )
    relay.run(over=lambda: True, hurried=lambda: False, tick=lambda: None)
    os.close(target)
    person.join()
    alarm.close()
    for each in (session, reader):
        os.close(each)
    assert len(taken) == len(said)
    assert bytes(taken) == said

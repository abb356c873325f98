"""A session without the plugin on a terminal: what reaches the other side, and what is left of the terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from websockets.exceptions import ConnectionClosed

from ssmtui.session.data_channel.payloads import PayloadType, Size
from tests.session.data_channel.far_side import SESSION, FarSide, served
from tests.session.emulator import PATIENCE, Emulator

ROOT = Path(__file__).parents[3]


class Shell:
    """A shell that answers what it is sent, on a server of its own; `sizes` are those of the window."""

    def __init__(self) -> None:
        self.sizes: list[Size] = []
        self.typed = b""
        self.connections = 0
        self.joined = Event()
        self.sequence = 0
        self.heard = Event()
        self.silent = False
        self.key_id = ""
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._url = self._loop.create_future()
        self._thread = Thread(target=self._run)
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._told_url(), self._loop).result(PATIENCE)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def asked(self, what: bytes) -> None:
        """Wait until it does what it was asked for."""
        self.awaited(what)
        if what in {b"flood\n", b"error\n"}:
            assert self.heard.wait(PATIENCE)

    def awaited(self, typed: bytes) -> None:
        """Wait until something has been typed last. A script of megabytes takes its time on a busy machine."""
        deadline = monotonic() + 3 * PATIENCE
        while not self.typed.endswith(typed):
            assert monotonic() < deadline, self.typed[-100:]
            sleep(0.02)

    async def _told_url(self) -> str:
        return str(await self._url)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with served(*[self._part] * 5) as server:
            self._url.set_result(server.url)
            await self._over.wait()

    async def _part(self, far: FarSide) -> None:
        with suppress(ConnectionClosed):
            await self._carried(far)

    async def _carried(self, far: FarSide) -> None:
        self.connections += 1
        self.joined.set()
        far.sequence = self.sequence
        if self.silent:
            await far.socket.wait_closed()
            return
        if self.key_id:
            await self._shake_hands(far)
        await far.say(PayloadType.OUTPUT, b"ready$ " if self.connections == 1 else b"again$ ")
        line = b""
        while True:
            kind, payload = await far.heard()
            if kind is PayloadType.SIZE:
                self.sizes.append(Size.of(payload))
                await far.say(PayloadType.OUTPUT, b"size %dx%d\r\n" % (self.sizes[-1].columns, self.sizes[-1].rows))
                continue
            self.typed += payload
            line += payload
            await far.say(PayloadType.OUTPUT, b"<%s>" % payload.hex(" ").encode())
            if b"256" in line:
                await far.say(PayloadType.EXIT_CODE, b"EXIT_CODE: 256")
                await far.end()
                return
            if b"exit" in line or b"\x04" in line:
                await far.say(PayloadType.EXIT_CODE, b"EXIT_CODE: 7")
                await far.end()
                return
            if b"fail" in line:
                await far.end("\nUnable to start command: Failed to start pty\n")
                return
            if b"drop" in line:
                self.sequence = far.sequence
                await far.socket.close(1000, "Bye")
                return
            if b"sleep" in line and b"\x03" in line:
                await far.say(PayloadType.EXIT_CODE, b"EXIT_CODE: %s" % line.split()[1])
                await far.end()
                return
            if b"hang" in line:
                await far.socket.wait_closed()
                return
            if b"quiet" in line:
                while True:
                    self.typed += (await far.heard())[1]
            if b"flood" in line or b"error" in line:
                said = PayloadType.STDERR if b"error" in line else PayloadType.OUTPUT
                while True:
                    await far.say(said, b"y\r\n" * 300)
                    self.heard.set()
            if b"vim" in line:
                await far.say(PayloadType.OUTPUT, b"\x1b[?1049h\x1b[?25l editing")
                line = b""

    async def _shake_hands(self, far: FarSide) -> None:
        action = {"ActionType": "KMSEncryption", "ActionParameters": {"KMSKeyId": self.key_id}}
        await far.say(PayloadType.HANDSHAKE_REQUEST, {"AgentVersion": "3.3", "RequestedClientActions": [action]})
        kind, _ = await far.heard()
        assert kind is PayloadType.HANDSHAKE_RESPONSE, "nothing is typed before"
        far.encrypt()
        told: dict[str, object] = {"HandshakeTimeToComplete": 1, "CustomerMessage": "This session is encrypted."}
        await far.say(PayloadType.HANDSHAKE_COMPLETE, told)


@dataclass
class Stage:
    folder: Path
    shell: Shell = field(default_factory=Shell)
    started: list[Emulator] = field(default_factory=list)
    piped_ones: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def words(self) -> list[str]:
        words = [self.shell.url, str(self.folder / "ended"), str(self.folder / "ledger")]
        return [sys.executable, "-m", "tests.session.builtin.holder", *words]

    def session(self, size: tuple[int, int] = (24, 80)) -> Emulator:
        emulator = Emulator(self.words(), os.environ, size)
        self.started.append(emulator)
        return emulator

    def ready(self, size: tuple[int, int] = (24, 80)) -> Emulator:
        emulator = self.session(size)
        emulator.wait_for(b"ready$ ")
        emulator.wait_for(b"size %dx%d" % (size[1], size[0]))
        return emulator

    def piped(self, typed: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(self.words(), input=typed, capture_output=True, timeout=PATIENCE, check=False)

    def on_pipes(self, typed: bytes) -> subprocess.Popen[bytes]:
        """On pipes of which nobody reads more than the first line of the output, once it is there."""
        process = subprocess.Popen(
            self.words(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self.piped_ones.append(process)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.write(typed)
        return process

    @property
    def terminated(self) -> list[str]:
        file = self.folder / "ended"
        return file.read_text().split() if file.exists() else []


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.chdir(ROOT)
    made = Stage(tmp_path)
    yield made
    for each in made.started:
        each.close()
    for process in made.piped_ones:
        process.kill()
        process.communicate()
    made.shell.close()


def test_what_is_typed_reaches_the_session_and_its_output_the_terminal(stage: Stage) -> None:
    emulator = stage.ready((24, 80))
    assert b"Plugin not used: this is the built-in client." in emulator.shown, "said before it starts"
    assert not emulator.cooked
    for keys in (b"\x03", b"\x1a", b"\x1c", b"\x1b[A", b"\r", "é".encode()):
        emulator.type(keys)
        emulator.wait_for(b"<%s>" % keys.hex(" ").encode())
    emulator.type(b"exit\r")
    assert emulator.end() == 7
    assert emulator.is_sane
    assert b"told: '' over=True" in emulator.shown
    assert stage.terminated == []


def test_a_line_feed_that_comes_alone_is_what_enter_is(stage: Stage) -> None:
    emulator = stage.ready()
    emulator.type(b"\n")
    emulator.wait_for(b"<0d>")


def test_the_other_side_knows_the_size_of_the_window(stage: Stage) -> None:
    emulator = stage.ready((30, 100))
    emulator.resize(40, 120)
    emulator.send(signal.SIGWINCH)
    emulator.wait_for(b"size 120x40")
    assert stage.shell.sizes == [Size(100, 30), Size(120, 40)]


def test_the_text_that_it_ends_with_is_given_back(stage: Stage) -> None:
    emulator = stage.ready()
    emulator.type(b"fail\r")
    assert emulator.end() == 0
    assert b"told: 'Unable to start command: Failed to start pty' over=True" in emulator.shown


def test_what_is_typed_before_an_encrypted_session_has_started_is_sent_then(stage: Stage) -> None:
    stage.shell.key_id = "alias/sessions"
    emulator = stage.session()
    emulator.wait_for(b"built-in client")
    emulator.type(b"early")
    emulator.wait_for(b"This session is encrypted.\r\n")
    emulator.wait_for(b"ready$ ")
    emulator.wait_for(b"<65 61 72 6c 79>")
    emulator.type(b"\x03")
    emulator.wait_for(b"<03>")


def test_a_defect_leaves_the_terminal_as_it_was_and_the_session_ended(stage: Stage) -> None:
    stage.shell.key_id = "alias/defect"
    emulator = stage.session()
    assert emulator.end() == 1
    assert b"ZeroDivisionError" in emulator.shown
    assert emulator.is_sane
    assert stage.terminated == [SESSION]


def test_a_session_goes_on_where_the_service_closes_the_socket(stage: Stage) -> None:
    emulator = stage.ready()
    emulator.type(b"drop")
    emulator.wait_for(b"again$ ")
    emulator.type(b"\x03")
    emulator.wait_for(b"<03>")
    emulator.type(b"exit")
    assert emulator.end() == 7
    assert stage.shell.connections == 2
    assert b"connection is lost" not in emulator.shown, "nobody need know"


def test_the_escape_ends_a_session_that_hangs(stage: Stage) -> None:
    emulator = stage.ready()
    emulator.type(b"hang\r")
    emulator.wait_for(b"68 61 6e 67")
    emulator.type(b"anybody?\r~.")
    assert emulator.end() == 0
    assert emulator.is_sane
    assert stage.terminated == [SESSION], "it is ended in AWS, too"
    assert b"7e" not in stage.shell.typed.hex(" ").encode()


def test_an_interrupt_ends_what_has_not_started(stage: Stage) -> None:
    stage.shell.silent = True
    emulator = stage.session()
    emulator.wait_for(b"built-in client")
    assert stage.shell.joined.wait(PATIENCE)
    emulator.type(b"\x03")
    assert emulator.end() == 130
    assert emulator.is_sane
    assert stage.terminated == [SESSION]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_leaves_the_terminal_as_it_was(stage: Stage, number: signal.Signals) -> None:
    emulator = stage.ready()
    emulator.type(b"vim")
    emulator.wait_for(b"editing")
    emulator.send(number)
    assert emulator.end() == 128 + number
    assert emulator.is_sane
    assert b"\x1b[?1049l" in emulator.shown.partition(b"editing")[2], "nor is its screen the editor's"
    assert stage.terminated == [SESSION]


def test_a_terminal_that_is_gone_ends_it(stage: Stage) -> None:
    emulator = stage.ready()
    emulator.take_away()
    emulator.process.wait(PATIENCE)
    assert stage.terminated == [SESSION]


def test_a_script_on_standard_input_is_sent_and_its_end_ends_the_session(stage: Stage) -> None:
    done = stage.piped(b"~.ls\n")
    assert done.returncode == 7
    assert stage.shell.typed == b"~.ls\n\x04"
    assert stage.shell.sizes == [Size(300, 100)]
    assert done.stdout.startswith(b"ready$ size 300x100\r\n<")
    assert done.stderr == b"told: '' over=True\n", "nothing but what the test prints"


def test_an_exit_code_that_no_process_has_is_a_failure(stage: Stage) -> None:
    assert stage.piped(b"256\n").returncode == 255


def test_an_interrupt_from_elsewhere_ends_a_script_that_has_not_started(stage: Stage) -> None:
    stage.shell.silent = True
    with subprocess.Popen(stage.words(), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert stage.shell.joined.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert stage.terminated == [SESSION]


@pytest.mark.long
@pytest.mark.parametrize(("reported", "code"), [(1, 130), (255, 130), (0, 0), (3, 3)])
def test_an_interrupted_command_ends_with_the_code_of_ctrl_c_unless_it_has_its_own(
    stage: Stage, reported: int, code: int
) -> None:
    process = stage.on_pipes(b"sleep %d\n" % reported)
    stage.shell.asked(b"sleep %d\n" % reported)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == code


@pytest.mark.long
@pytest.mark.parametrize("what", [b"quiet\n", b"hang\n", b"flood\n", b"error\n"])
def test_ctrl_c_twice_ends_a_session_on_pipes_whatever_the_other_side_and_the_reader_do(
    stage: Stage, what: bytes
) -> None:
    process = stage.on_pipes(what)
    stage.shell.asked(what)
    presses = 0
    while process.poll() is None:
        assert presses < 5 * PATIENCE
        presses += 1
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    # One more Ctrl-C may interrupt what ends the session in AWS; it is ended all the same.
    assert process.returncode in {130, -signal.SIGINT}
    assert presses > 1, "the first one is the session's"
    assert set(stage.terminated) == {SESSION}
    if what == b"quiet\n":
        assert process.stderr is not None
        assert process.stderr.readline().endswith(b"Press Ctrl-C again to end the session.\n")
        assert stage.shell.typed == b"quiet\n\x03"


@pytest.mark.long
@pytest.mark.parametrize("keys", [b"\r~.", b"\x03"], ids=["escape", "Ctrl-C"])
def test_a_terminal_leaves_a_session_that_takes_nothing_of_the_4_mb_that_were_typed(stage: Stage, keys: bytes) -> None:
    emulator = stage.ready()
    emulator.type(b"hang\r")
    emulator.wait_for(b"<68 61 6e 67 0d>")
    for _ in range(4 * 1024):
        emulator.type(b"k" * 1024)
    emulator.wait_for(b"discarded")
    emulator.type(keys)
    if keys == b"\x03":
        emulator.wait_for(b"again")
        emulator.type(keys)
    assert emulator.end() == (130 if keys == b"\x03" else 0)
    assert emulator.is_sane
    assert stage.terminated == [SESSION]


@pytest.mark.long
def test_the_escape_ends_a_session_whose_output_nobody_takes(stage: Stage) -> None:
    emulator = stage.ready()
    emulator.type(b"flood")
    assert stage.shell.heard.wait(PATIENCE)
    emulator.type(b"\r~.")
    assert emulator.process.wait(PATIENCE) == 0
    assert emulator.is_sane
    assert stage.terminated == [SESSION]


def test_a_long_script_is_sent_whole(stage: Stage) -> None:
    script = b"quiet\n" + b"line\n" * 320_000
    process = stage.on_pipes(script)
    stage.shell.awaited(script)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert stage.shell.typed == script


def test_no_token_is_on_the_terminal_or_in_the_ledger(stage: Stage) -> None:
    emulator = stage.ready()
    emulator.type(b"exit")
    emulator.end()
    assert b"canary" not in emulator.shown
    kept = [each.read_bytes() for each in (stage.folder / "ledger").rglob("*") if each.is_file()]
    assert kept
    assert [each for each in kept if b"canary" in each] == []

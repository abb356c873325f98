"""The registry of the sessions and plugins that ssmtui started, and the cleanup after a killed run."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ssmtui import processes
from ssmtui.config.private_files import append_line, make_private_folder, open_private, read_private
from ssmtui.config.run_lock import RunLock, is_run_alive, killed_runs
from ssmtui.language import say, say_many
from ssmtui.session.calls import SessionCalls, SessionProblem, SessionRefused
from ssmtui.text.printable import printable, without_password
from ssmtui.text.times import moment_in

if TYPE_CHECKING:
    from ssmtui.model.scope import Scope
    from ssmtui.model.sessions import SessionPurpose, SessionRequest


_STARTED_FOR_A_SESSION = "AWS_SSM_START_SESSION_RESPONSE"
"""An argument of every plugin that ssmtui or a newer AWS CLI starts; see `plugin/invocation.py`."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_DYING = 2.0
_BETWEEN_LOOKS = 0.02


@dataclass(frozen=True, slots=True)
class StartedPlugin:
    """The process of a plugin: its process ID, and its start time as the system reports it."""

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> StartedPlugin | None:
        """Return a running plugin; None if this system does not report when it started."""
        began = _began(pid)
        return cls(pid, began) if began else None

    @property
    def is_surely_running(self) -> bool:
        """Return whether the process ID still belongs to this plugin."""
        return self.pid > 1 and _began(self.pid) == self.began and _STARTED_FOR_A_SESSION in _words(self.pid)


def end_plugins(plugins: Sequence[StartedPlugin]) -> None:
    """End plugins in the background: with the signal at which they end their session, then with SIGKILL."""
    Thread(target=_end, args=(tuple(plugins),), name="ssmtui-left-plugins", daemon=True).start()


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, and to its group if it leads one: a wrapper may have started the plugin."""
    with suppress(OSError):
        if sys.platform != "win32" and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def _end(plugins: tuple[StartedPlugin, ...]) -> None:
    if sys.platform == "win32":
        return
    for number, patience in ((signal.SIGINT, _DYING), (signal.SIGKILL, 0.0)):
        for each in plugins:
            if each.is_surely_running:
                signal_group(each.pid, number)
        until = monotonic() + patience
        while monotonic() < until and any(each.is_surely_running for each in plugins):
            sleep(_BETWEEN_LOOKS)


if sys.platform == "linux":

    def _began(pid: int) -> str:
        """Return the boot ID, and the start of this user's process in clock ticks; empty if unknown."""
        process = Path(f"/proc/{pid}")
        try:
            if process.stat().st_uid != os.geteuid():
                return ""
            # The name in brackets may contain anything; the fields are counted from its end.
            after_name = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if after_name[0] in "ZX":
                return ""
            return f"{_BOOT.read_text().strip()} {after_name[19]}"
        except (OSError, IndexError):
            return ""

    def _words(pid: int) -> Sequence[str]:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return ()

elif sys.platform == "win32":

    def _began(_pid: int) -> str:
        return ""

    def _words(_pid: int) -> Sequence[str]:
        return ()

else:

    def _began(pid: int) -> str:
        return _told("lstart", pid)

    def _words(pid: int) -> Sequence[str]:
        return _told("args", pid).split()

    def _told(what: str, pid: int) -> str:
        words = ["/bin/ps", "-o", f"{what}=", "-p", str(pid), "-U", str(os.geteuid())]
        nothing = subprocess.DEVNULL
        try:
            told = processes.run(
                words, {"LC_ALL": "C", "TZ": "UTC"}, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing
            )
        except OSError:
            return ""
        return told.stdout.decode(errors="replace").strip() if told.returncode == 0 else ""


FILE_NAME = "sessions.jsonl"
SCHEMA = "ssmtui.sessions/1"
_RECENT = 1_000_000
"""Bytes that are read from the file's end: about 1,500 sessions. Older sessions have passed their idle timeout."""


class RegistryUnusable(OSError):
    """The registry cannot be read or written. The message names the file."""


@dataclass(frozen=True, slots=True)
class RegisteredSession:
    """A session that ssmtui opened: its scope, target, purpose, and the run of ssmtui (empty: unknown)."""

    id: str
    profile: str | None
    region: str
    account: str
    endpoint_url: str | None
    target: str
    purpose: SessionPurpose
    at: datetime
    pid: int
    run: str
    role: str | None = None

    def is_of(self, scope: Scope, endpoint_url: str | None) -> bool:
        """Return whether the session belongs to this scope and endpoint."""
        kept = without_password(endpoint_url) if endpoint_url is not None else None
        asked = (scope.name.profile, scope.name.role, scope.region, scope.account, kept)
        return (self.profile, self.role, self.region, self.account, self.endpoint_url) == asked


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SessionRegistry:
    """The registry in a folder. Several processes may write to it."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = _utc_now) -> None:
        self._folder = folder
        self._now = now
        self._run = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._running: RunLock | None = None
        self._taking = Lock()

    @property
    def file(self) -> Path:
        """Return the path of the registry file."""
        return self._folder / FILE_NAME

    def opened(
        self, session_id: str, request: SessionRequest, purpose: SessionPurpose, endpoint_url: str | None
    ) -> RegisteredSession:
        """Record that a session was opened.

        Raises:
            RegistryUnusable: the session is not recorded, so it must be ended at once.

        """
        scope = request.scope
        entry = RegisteredSession(
            id=session_id,
            profile=scope.name.profile,
            region=scope.region,
            account=scope.account,
            endpoint_url=without_password(endpoint_url) if endpoint_url is not None else None,
            target=request.target,
            purpose=purpose,
            at=self._now(),
            pid=os.getpid(),
            run=self._claimed(),
            role=scope.name.role,
        )
        told = {**asdict(entry), "purpose": purpose.value, "at": entry.at.isoformat()}
        self._append({"schema": SCHEMA, "state": "opened", **told})
        return entry

    def ended(self, session_id: str) -> None:
        """Record that a session is over.

        Raises:
            RegistryUnusable: the end is not recorded. The next start ends the session again, which does no harm.

        """
        self._append({"schema": SCHEMA, "state": "ended", "id": session_id, "at": self._now().isoformat()})

    def carried_by(self, session_id: str, plugin: StartedPlugin) -> None:
        """Record which plugin carries the session of a tunnel.

        Raises:
            RegistryUnusable: the plugin is not recorded. If this process is killed, the plugin keeps running.

        """
        told = {"id": session_id, "pid": plugin.pid, "began": plugin.began, "at": self._now().isoformat()}
        self._append({"schema": SCHEMA, "state": "carried", **told})

    def left_plugins(self) -> tuple[tuple[RegisteredSession, StartedPlugin], ...]:
        """Return the running plugins of killed runs. Quick if no run was killed.

        Raises:
            RegistryUnusable: the file exists and cannot be read.

        """
        killed = killed_runs(self._folder)
        if not killed:
            return ()
        plugins: dict[str, StartedPlugin] = {}
        entries = {each.id: each for each in self._not_ended(plugins) if each.run in killed}
        return tuple(
            (entries[id_], plugin) for id_, plugin in plugins.items() if id_ in entries and plugin.is_surely_running
        )

    def left_open(self) -> tuple[RegisteredSession, ...]:
        """Return the sessions that were not ended and whose process is gone, the oldest first.

        Raises:
            RegistryUnusable: the file exists and cannot be read.

        """
        entries = self._not_ended()
        runs = {each.run for each in entries if each.run not in ("", self._run)}
        over = {run for run in runs if not is_run_alive(self._folder, run)}
        return tuple(each for each in entries if each.run in over)

    def close(self) -> None:
        """Release the lock that shows that this process is alive."""
        with self._taking:
            if self._running is not None:
                self._running.close()
                self._running = None

    def _claimed(self) -> str:
        """Lock the run as alive and return its name; empty if the disk supports no locks."""
        with self._taking:
            try:
                make_private_folder(self._folder)
                self._running = self._running or RunLock.claim(self._folder, self._run)
            except OSError:
                return ""
            return self._run

    def _not_ended(self, plugins: dict[str, StartedPlugin] | None = None) -> tuple[RegisteredSession, ...]:
        """Return the sessions that were not ended. `plugins` gets the last plugin of each session."""
        try:
            lines = read_private(self.file, last=_RECENT).split(b"\n")
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise RegistryUnusable(
                say(
                    "the session registry {file} cannot be read: {error}", file=self.file, error=error.strerror or error
                )
            ) from error
        entries: dict[str, RegisteredSession] = {}
        for line in lines:
            match _entry(line):
                case RegisteredSession() as entry:
                    entries[entry.id] = entry
                case str(ended):
                    entries.pop(ended, None)
                case (str(id_), StartedPlugin() as plugin) if plugins is not None:
                    plugins[id_] = plugin
        return tuple(entries.values())

    def _append(self, told: dict[str, object]) -> None:
        import json

        try:
            make_private_folder(self._folder)
            file = open_private(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            try:
                append_line(file, json.dumps(told))
            finally:
                os.close(file)
        except OSError as error:
            raise RegistryUnusable(
                say(
                    "the session registry {file} cannot be written: {error}",
                    file=self.file,
                    error=error.strerror or error,
                )
            ) from error


def _entry(line: bytes) -> RegisteredSession | str | tuple[str, StartedPlugin] | None:
    """Return an opened session, the ID of an ended one, or a plugin; None for an incomplete or foreign line."""
    import json

    from ssmtui.model.sessions import SessionPurpose

    try:
        told = json.loads(line)
        if told["schema"] != SCHEMA:
            return None
        if told["state"] == "ended":
            return str(told["id"])
        if told["state"] == "carried":
            return str(told["id"]), StartedPlugin(int(told["pid"]), str(told["began"]))
        names = ("id", "profile", "region", "account", "endpoint_url", "target", "pid", "run")
        at, purpose = moment_in(told["at"]), SessionPurpose(told["purpose"])
        return RegisteredSession(**{name: told[name] for name in names}, at=at, purpose=purpose, role=told.get("role"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LeftoverSessions:
    """The open sessions of earlier runs in a scope. `kept` could not be ended; `why` is AWS's last error."""

    ended: tuple[RegisteredSession, ...] = ()
    kept: tuple[RegisteredSession, ...] = ()
    why: str = ""

    @property
    def words(self) -> str:
        """Return the message about them; empty if no session was left open."""
        told = []
        if self.ended:
            told.append(
                say_many(
                    "An earlier ssmtui process left {count} session open ({nodes}): it is now ended.",
                    "An earlier ssmtui process left {count} sessions open ({nodes}): they are now ended.",
                    len(self.ended),
                    nodes=_nodes(self.ended),
                )
            )
        if self.kept:
            told.append(
                say(
                    "Sessions that an earlier ssmtui process left open ({nodes}) could not be ended: {why}",
                    nodes=_nodes(self.kept),
                    why=printable(self.why),
                )
            )
        return " ".join(told)


def end_leftovers(
    registry: SessionRegistry, scope: Scope, calls: SessionCalls, endpoint_url: str | None
) -> LeftoverSessions:
    """End the open sessions of earlier runs with this scope and endpoint. Blocks."""
    ended: list[RegisteredSession] = []
    kept: list[RegisteredSession] = []
    why = ""
    try:
        for each in registry.left_open():
            if not each.is_of(scope, endpoint_url):
                continue
            try:
                calls.terminate(each.id)
            except SessionProblem as problem:
                kept.append(each)
                why = problem.text
                if isinstance(problem, SessionRefused):
                    # Asking again at every start would change nothing: AWS ends the session after the idle timeout.
                    registry.ended(each.id)
                continue
            ended.append(each)
            registry.ended(each.id)
    except RegistryUnusable as unusable:
        _log.warning("%s", unusable)
    return LeftoverSessions(tuple(ended), tuple(kept), why)


def _nodes(sessions: tuple[RegisteredSession, ...]) -> str:
    return ", ".join(dict.fromkeys(printable(each.target) for each in sessions))

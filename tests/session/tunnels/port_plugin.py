"""Stands in for the plugin in a port session: opens a port, says so in the plugin's words, and relays to a server.

Started as `python port_plugin.py BEHAVIOUR.json`; `behaviour` writes that. It leaves as the plugin leaves: at SIGINT it
says that the session is exited, with exit code 0.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text())
    response = json.loads(os.environ["AWS_SSM_START_SESSION_RESPONSE"])
    id_ = response["SessionId"]
    signal.signal(signal.SIGINT, signal.SIG_IGN if told["ends"] == "stubborn" else lambda *_: leave(id_))
    written = Path(f"{told['pids']}.{id_}")
    written.write_text(f"{os.getpid()} {os.environ.get('TMPDIR', '')}")
    written.replace(Path(told["pids"], id_))
    say(f"\nStarting session with SessionId: {id_}\n")
    if told["ends"] == "before":
        say(told["text"].replace("{id}", id_))
        return
    if told["ends"] == "silent":
        time.sleep(3600)
    with socket.create_server(("127.0.0.1", 0)) as server:
        say(f"Port {server.getsockname()[1]} opened for sessionId {id_}.")
        say("\nWaiting for connections...\n")
        while told["ends"] == "repeats":
            say(f"Port {server.getsockname()[1]} opened for sessionId {id_}.\n")
        while True:
            connection, _ = server.accept()
            if told["ends"] == "connected":
                say(told["text"].replace("{id}", id_))
                os._exit(0)
            if told["ends"] == "refused":
                say("\nConnection to destination port failed, check SSM Agent logs.\n")
                connection.close()
                continue
            far = socket.create_connection(("127.0.0.1", told["target"]))
            for ends in ((connection, far), (far, connection)):
                threading.Thread(target=carry, args=ends, daemon=True).start()


def carry(source: socket.socket, sink: socket.socket) -> None:
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)


def say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def leave(id_: str) -> None:
    say("Terminate signal received, exiting.\n")
    say(f"\n\nExiting session with sessionId: {id_}.\n\n")
    os._exit(0)


if __name__ == "__main__":
    main()

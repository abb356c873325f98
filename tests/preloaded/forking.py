"""A program that has imported what it needs, forked for each command that somebody asks for on a socket.

A client sends its standard streams, and then what it asks for as JSON; the answer is the exit code, alone in a list.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
from collections.abc import Callable
from typing import Any, NoReturn


def serve(path: str, be_the_program: Callable[[list[int], Any], NoReturn]) -> None:
    """Say "ready", and run what clients ask for, one command at a time, until the standard input ends.

    `be_the_program` is called in a process of its own, with the client's streams and what it asked for.
    """
    gc.collect()
    gc.freeze()  # what is there now is no child's to look through
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(json.dumps([_run(connection, be_the_program)]).encode())


def _run(connection: socket.socket, be_the_program: Callable[[list[int], Any], NoReturn]) -> int:
    data, streams, _, _ = socket.recv_fds(connection, 65536, 3)
    while more := connection.recv(65536):
        data += more
    child = os.fork()
    if not child:
        be_the_program(streams, json.loads(data))
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)

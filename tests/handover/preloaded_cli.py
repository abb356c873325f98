"""The stock AWS CLI, imported once: for every command it forks, since a script of ten commands is run for each fix.

Run as `python -m tests.handover.preloaded_cli SOCKET`. A client sends its standard streams, and then its arguments and
environment as JSON; the answer is the exit code in one byte.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
import traceback

from awscli.clidriver import CLIDriver, create_clidriver

_MODELS = ("service-2", "paginators-1", "waiters-2")
_SERVICES = ("ec2", "iam", "kms", "logs", "ssm", "sts")


def serve(path: str) -> None:
    """Run what clients ask for, one command at a time."""
    driver = create_clidriver()
    for service in _SERVICES:
        _warm(driver, service)
    gc.freeze()  # what is there now is no child's to look through
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(bytes([_run(connection, driver)]))


def _warm(driver: CLIDriver, service: str) -> None:
    """Have what a command of the service needs read and imported, without sending anything."""
    loader = driver.session.get_component("data_loader")
    for kind in _MODELS:
        if service in loader.list_available_services(kind):
            loader.load_service_model(service, kind)
    driver.session.create_client(
        service,
        region_name="eu-west-3",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )


def _run(connection: socket.socket, driver: CLIDriver) -> int:
    data, streams, _, _ = socket.recv_fds(connection, 65536, 3)
    while more := connection.recv(65536):
        data += more
    asked = json.loads(data)
    child = os.fork()
    if not child:
        _be_the_cli(driver, streams, asked["arguments"], asked["environment"])
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _be_the_cli(driver: CLIDriver, streams: list[int], arguments: list[str], environment: dict[str, str]) -> None:
    code = 255
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        # The CLI has put the place of its models into its environment.
        models = os.environ["AWS_DATA_PATH"]
        os.environ.clear()
        os.environ.update({"AWS_DATA_PATH": models, **environment})
        code = driver.main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - whatever ends the CLI is told by whoever waits for it
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])

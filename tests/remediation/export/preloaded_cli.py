"""The stock AWS CLI, imported once: for every command it forks, since a script of ten commands is run for each fix.

Run as `python -m tests.remediation.export.preloaded_cli SOCKET`; how it is asked is told in `tests.preloaded.forking`.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from functools import partial
from typing import Any, NoReturn

from awscli.clidriver import CLIDriver, create_clidriver

from tests.preloaded import forking

_MODELS = ("service-2", "paginators-1", "waiters-2")
_SERVICES = ("ec2", "iam", "kms", "logs", "ssm", "sts")


def serve(path: str) -> None:
    """Run what clients ask for, one command at a time."""
    driver = create_clidriver()
    for service in _SERVICES:
        _warm(driver, service)
    forking.serve(path, partial(_be_the_cli, driver))


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


def _be_the_cli(driver: CLIDriver, streams: list[int], asked: Mapping[str, Any]) -> NoReturn:
    code = 255
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        # The CLI has put the place of its models into its environment.
        models = os.environ["AWS_DATA_PATH"]
        os.environ.clear()
        os.environ.update({"AWS_DATA_PATH": models, **asked["environment"]})
        code = driver.main(asked["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - whatever ends the CLI is told by whoever waits for it
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])

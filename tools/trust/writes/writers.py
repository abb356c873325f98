"""The two clients that may write: each tried by every operation of its services that is not on its list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore import xform_name

from ssmtui.aws.client_config import ClientAccess
from ssmtui.model.plan import Call
from ssmtui.model.scope import SharedCredentials
from ssmtui.remediation.apply.apply_plan import SingleCallWriter
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.operations.catalog import READS, WRITES
from ssmtui.remediation.operations.write_operation import CallNotInPlan, OperationNotAllowed
from ssmtui.session.client import OPERATIONS, NotASessionOperation, SessionClient
from tools.trust.writes.ear import Ear, an_ear
from tools.trust.writes.operations import least, model_of
from tools.trust.writes.reader import Told
from tools.trust.writes.reader_ways import REGION

_LENT = SharedCredentials("AKIA", "secret", "token")


def _lend(_refused: SharedCredentials | None = None) -> SharedCredentials:
    return _LENT


def try_writer(every: int = 1) -> Told:
    """Have the writer write and read what is not on its lists, by its methods and by its clients."""
    told = Told()
    listed = WRITES | READS
    with an_ear() as ear:
        writer = Writer(ClientAccess(None, REGION, ear.endpoint_url), lend=_lend)
        for service in sorted({service for service, _ in listed}):
            client = writer._client(service, once=True)
            others = [each for each in model_of(service).operation_names if (service, each) not in listed]
            for operation in others[::every]:
                told.operations += 1
                asked = least(service, operation)
                ways: dict[str, Callable[[], object]] = {
                    "write": partial(writer.write, service, operation, asked),
                    "read": partial(writer.read, service, operation, asked),
                    **_of_client(client, operation, asked),
                }
                _try(ways, OperationNotAllowed, f"{service}:{operation} by the writer's", ear, told)
            for declared, operation in sorted(listed):
                if declared == service:
                    presign = {"presigned address": _of_client(client, operation, least(service, operation))["address"]}
                    _try(presign, OperationNotAllowed, f"{service}:{operation} by the writer's", ear, told)
    return told


def try_session_client(every: int = 1) -> Told:
    """Have the client of sessions send what no session takes."""
    told = Told()
    with an_ear() as ear:
        sessions = SessionClient(ClientAccess(None, REGION, ear.endpoint_url), _lend)
        for service in sorted({service for service, _ in OPERATIONS}):
            client = sessions._client(service, once=True)
            others = [each for each in model_of(service).operation_names if (service, each) not in OPERATIONS]
            for operation in others[::every]:
                told.operations += 1
                asked = least(service, operation)
                ways: dict[str, Callable[[], object]] = {
                    "sending": partial(sessions._send, service, operation, asked),
                    **_of_client(client, operation, asked),
                }
                _try(ways, NotASessionOperation, f"{service}:{operation} by the session client's", ear, told)
    return told


def try_plans() -> Told:
    """Of each write on the list as a plan's only call, have every other write made, and itself with a word changed."""
    told = Told()
    with an_ear() as ear:
        writer = Writer(ClientAccess(None, REGION, ear.endpoint_url), lend=_lend)
        for service, operation in sorted(WRITES):
            told.operations += 1
            asked = least(service, operation)
            one = SingleCallWriter(writer, Call(service, operation, asked, f"{service}:{operation}", "*"), asked)
            ways: dict[str, Callable[[], object]] = {
                f"{other}:{name}": partial(one.write, other, name, least(other, name))
                for other, name in sorted(WRITES - {(service, operation)})
            }
            ways["another word"] = partial(one.write, service, operation, {**asked, "Another": True})
            _try(ways, CallNotInPlan, f"a plan of {service}:{operation}, and", ear, told)
    return told


def _of_client(client: Any, operation: str, asked: dict[str, Any]) -> dict[str, Callable[[], object]]:
    name = xform_name(operation)
    return {
        "method": lambda: getattr(client, name)(**asked),
        "api call": lambda: client._make_api_call(operation, asked),
        "address": lambda: client.generate_presigned_url(name, Params=asked),
    }


def _try(ways: dict[str, Callable[[], object]], refusal: type[Exception], named: str, ear: Ear, told: Told) -> None:
    for name, way in ways.items():
        told.tried[name if ":" not in name else "another write"] += 1
        try:
            answer = way()
        except refusal:
            pass
        except Exception as error:  # noqa: BLE001 - told, and lost
            told.lost.append(f"{named} {name} ended by {type(error).__name__}: {str(error)[:200]}")
        else:
            told.lost.append(f"{named} {name} gave {str(answer)[:80]}")
        if ear.heard:
            told.lost.append(f"{named} {name} was sent: {ear.heard[0][:120]!r}")
            ear.heard.clear()

"""Who may join a data channel: whoever signed the upgrade, or else whoever started the session."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from moto.utilities.utils import get_partition

from ssmtui.simulator.authorisation import Need, permission, principal_of, refusal
from ssmtui.simulator.call import signature_of
from ssmtui.simulator.callers import caller_of
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.gateway.opening import Opening, openings
from ssmtui.simulator.gateway.pace import pace
from ssmtui.simulator.moto_aws import turn

_ACTION: Final = "ssmmessages:OpenDataChannel"
_SERVICE: Final = "ssmmessages"


class Refused(Exception):
    """The upgrade is refused; the text is the answer's body."""


def admitted(opening: Opening, authorization: str) -> None:
    """Let an upgrade through, by its Authorization header (empty where it is not signed); raises Refused."""
    with turn:
        caller = _caller(opening, authorization)
        openings.add(replace(opening, was_signed=bool(authorization)))
        resource = f"arn:{get_partition(opening.region)}:ssm:{opening.region}:{opening.account}:session/"
        need = Need(_ACTION, resource + opening.session_id)
        decision = permission(principal_of(caller), need, opening.region)
    if not decision.allowed:
        said = refusal(_SERVICE, caller, need, decision).message
        raise Refused(_denied(said))


def _caller(opening: Opening, authorization: str) -> str:
    # Plugins before 1.2.764.0 do not sign; what AWS does with those today is not known for sure.
    if not authorization:
        if pace.demands_signature:
            raise Refused(_denied("Missing Authentication Token"))
        return opening.owner
    signature = signature_of({"HTTP_AUTHORIZATION": authorization})
    if signature is None or signature.service != _SERVICE or signature.region != opening.region:
        raise Refused(_denied("Credential should be scoped to a valid Region and to service ssmmessages."))
    try:
        return caller_of(signature.access_key, _SERVICE).arn
    except AwsError as error:
        raise Refused(_denied(error.message)) from error


def _denied(said: str) -> str:
    return f"<AccessDeniedException>\n  <Message>{said}</Message>\n</AccessDeniedException>\n"

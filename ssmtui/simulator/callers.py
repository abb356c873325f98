"""Who calls: the account and the principal behind an access key."""

from __future__ import annotations

from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from ssmtui.simulator import issued_access, state
from ssmtui.simulator.fault_answers import fault_error
from ssmtui.simulator.faults import FaultKind
from ssmtui.simulator.responses import AwsError


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal, by the ARN that sts:GetCallerIdentity shows. Seeding is the simulator itself: it is not judged."""

    arn: str
    is_setup: bool = False

    @property
    def account(self) -> str:
        """The account that the principal belongs to."""
        return self.arn.split(":")[4]


def caller_of(access_key: str, service: str) -> Caller:
    """The principal that holds an access key; raises AwsError where nobody does."""
    if access_key == state.SETUP_ACCESS_KEY:
        return Caller(f"arn:aws:iam::{state.account_in_setup()}:root", is_setup=True)
    if issued_access.has_role_session_ended(access_key, state.now()):
        raise fault_error(FaultKind.EXPIRED, service)
    arn = state.caller_arn_of(access_key) or _known_to_moto(access_key)
    if arn is None:
        raise unknown_key(service)
    return Caller(arn)


def _known_to_moto(access_key: str) -> str | None:
    for account, partition, _ in list(iam_backends.iter_backends()):
        assumed = sts_backends[account][partition].get_assumed_role_from_access_key(access_key)
        if assumed is not None:
            return str(assumed.arn)
        user = iam_backends[account][partition].get_user_from_access_key_id(access_key)
        if user is not None:
            return str(user.arn)
    return None


def unknown_key(service: str) -> AwsError:
    """The error of a service about credentials that it does not know."""
    invalid = "The security token included in the request is invalid."
    if service == "ec2":
        return AwsError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    if service == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    if service in {"iam", "sts"}:
        return AwsError("InvalidClientTokenId", invalid, 403)
    return AwsError("UnrecognizedClientException", invalid)

"""What is known of the requests that SSM Agent makes with a node's role: the values of their condition keys.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from ssmtui.model.permissions import Question
from ssmtui.model.policy_patterns import Context
from ssmtui.model.scope import Scope

_VIA_SERVICE = "kms:ViaService"
_OTHERWISE_THROUGH_S3 = frozenset({"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:SecureTransport"})


def direct_context(scope: Scope, principal: str) -> Context:
    """What is known of a request that a principal makes itself: over TLS, in the Region, through no other service.

    `principal` is the ARN of a role or user. The answer holds condition keys with their values; none of those that the
    request does not have.
    """
    account = principal.split(":")[4]
    return {
        "aws:PrincipalArn": (principal,),
        "aws:PrincipalAccount": (account,),
        "aws:PrincipalType": ("User" if ":user/" in principal else "AssumedRole",),
        "aws:PrincipalIsAWSService": ("false",),
        "aws:ViaAWSService": ("false",),
        "aws:CalledVia": (),
        "aws:CalledViaFirst": (),
        "aws:CalledViaLast": (),
        "aws:SourceAccount": (),
        "aws:SourceArn": (),
        "aws:SecureTransport": ("true",),
        "aws:RequestedRegion": (scope.region,),
        "kms:CallerAccount": (account,),
        "kms:ViaService": (),
    }


def via_s3(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Return the condition key of what S3 asks of KMS on behalf of whoever writes an object, with its value."""
    return ((_VIA_SERVICE, f"s3.{scope.region}.{scope.dns_suffix}"),)


def passes_through_s3(question: Question) -> bool:
    """Whether it is S3 that asks for it, on behalf of the node."""
    return any(key == _VIA_SERVICE for key, _ in question.context)


def agent_context(scope: Scope, role_arn: str, question: Question) -> Context:
    """What is known of a request of SSM Agent with the role of its node."""
    directly = direct_context(scope, role_arn)
    if not passes_through_s3(question):
        return directly
    known = {key: values for key, values in directly.items() if key not in _OTHERWISE_THROUGH_S3}
    return known | {"aws:ViaAWSService": ("true",), **{key: (value,) for key, value in question.context}}


def context_through(scope: Scope, principal: str, service: str) -> Context:
    """What is known of a request that a service makes in a principal's name, handing on its credentials."""
    directly = direct_context(scope, principal)
    known = {key: values for key, values in directly.items() if key not in _OTHERWISE_THROUGH_S3}
    through = dict.fromkeys(("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"), (service,))
    return {**known, **through, "aws:ViaAWSService": ("true",)}


_OPEN_TO_ORGANIZATION = (
    "aws:PrincipalOrgID",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "ec2:SourceInstanceARN",
)
"""The keys by which service control policies spare some requests and not others: of whom, from where, to what.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
"""


NEVER_KNOWN = ("aws:PrincipalOrgPaths",)
"""Keys of every request of an organization's member that only its management account can look up."""


def open_to_organization(known: Context) -> tuple[str, ...]:
    """The keys on which a denial by a service control policy may hang: which it names is told nowhere."""
    told = {key.lower() for key in known}
    return tuple(key for key in _OPEN_TO_ORGANIZATION if key.lower() not in told)

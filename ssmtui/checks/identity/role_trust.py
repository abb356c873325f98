"""Whether the service that hands a node its credentials may take the node's role."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unknown
from ssmtui.checks.subjects import the_role
from ssmtui.checks.trust import trusted_services, trusts
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.path import Link
from ssmtui.model.policy_reading import Truth
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation

_CAUSE = "role-trust-wrong"
_SOURCE = "iam:GetRole"


@check(
    link=Link.IDENTITY,
    causes=(_CAUSE,),
    subject=the_role,
    after=("instance-profile-holds-a-role", "host-management-role-works"),
)
def role_may_be_taken(scope: Scope, node_role: NodeRole, observation: Observation) -> Findings:
    """Whether the role's trust policy admits the service that hands it to the node."""
    if node_role.source is RoleSource.HOST_MANAGEMENT:
        return ()  # the setting is at fault there: see host_management
    role, services = node_role.role, trusted_services(node_role.source, scope)
    trusted = trusts(role, services, scope)
    if trusted is Truth.YES or (trusted is Truth.PERHAPS and observation.online):
        return ()
    if trusted is Truth.PERHAPS:
        evidence = (
            Evidence(
                say("the trust policy of {role} admits {services} on conditions", role=role.name, services=services[0]),
                _SOURCE,
            ),
        )
        summary = say(
            "Whether {services} may take the role {role} depends on conditions of its trust policy.",
            services=services[0],
            role=role.name,
        )
        return (unknown(_CAUSE, the_role(node_role), summary, evidence),)
    return (
        Finding(
            cause=_CAUSE,
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_role(node_role),
            summary=say(
                "The trust policy of the role {role} does not admit {services}.", role=role.name, services=services[0]
            ),
            evidence=(
                Evidence(
                    say(
                        "no statement of the trust policy lets {services} take {role}",
                        services=services[0],
                        role=role.name,
                    ),
                    _SOURCE,
                ),
            ),
            fixes=("repair-role-trust",),
        ),
    )

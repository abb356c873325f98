"""`enable-private-dns`: the name of a service leads to its VPC endpoint, from everywhere in the VPC."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.delays import NO_WAY_TO_AWS
from ssmtui.fixes.frame.fix import fix
from ssmtui.language import marked, say
from ssmtui.model.network import Endpoint, Endpoints, VpcDns
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "enable-private-dns"
_STALE = (Endpoints, Observation)

# docs/facts/nodes.md §9: an agent that finds no way to AWS asks again after 5 minutes, then less and less often.
_DELAY = marked(
    "A few minutes in EC2, until the names are changed. An SSM Agent that found no way asks again after 5 minutes, and "
    "up to an hour later."
)


@fix(slug=_SLUG, stale=_STALE)
def enable_private_dns(scope: Scope, subject: Subject, endpoints: Endpoints, dns: VpcDns) -> Plan | NotApplicable:
    """Turn it on; EC2 refuses it in a VPC whose DNS attributes are off, or that has the name already."""
    endpoint = next((each for each in endpoints.endpoints if each.id == subject.id), None)
    if endpoint is None:
        return NotApplicable(_SLUG, say("{id} is no VPC endpoint that could be seen", id=subject.id))
    why = _why_not(endpoint, endpoints, dns)
    if why:
        return NotApplicable(_SLUG, why)
    others = tuple(replace(each, private_dns=True) if each.id == endpoint.id else each for each in endpoints.endpoints)
    return Plan(
        fix=_SLUG,
        title=say("Turn on private DNS of the VPC endpoint {id} ({service})", id=endpoint.id, service=endpoint.service),
        scope=scope,
        subject=Subject(SubjectKind.ENDPOINT, endpoint.id),
        calls=(_set(scope, endpoint, enabled=True),),
        before="false",
        after="true",
        guards=(_guard(endpoint, "false"),),
        way_back=WayBack((_guard(endpoint, "true"),), (_set(scope, endpoint, enabled=False),)),
        reach=Reach.SUBJECT,
        undo=say("Private DNS of the endpoint is turned off again."),
        facts_after=(FactChange(Endpoints, Endpoints(others), replaces=endpoints),),
        stale=_STALE,
        settles_within=NO_WAY_TO_AWS,
        delay=say(_DELAY),
        notes=(
            say(
                "It reaches everything in {vpc_id}: whoever asks for {service} there is then led to the endpoint, and "
                "must be let in by its security groups.",
                vpc_id=endpoint.vpc_id,
                service=endpoint.service,
            ),
        ),
    )


def _why_not(endpoint: Endpoint, endpoints: Endpoints, dns: VpcDns) -> str:
    if endpoint.private_dns:
        return say("private DNS of {id} is on", id=endpoint.id)
    if not (dns.support and dns.hostnames):
        return say("the DNS attributes of {vpc_id} must be on first (enable-vpc-dns)", vpc_id=dns.vpc_id)
    taken = next((each for each in endpoints.of(endpoint.vpc_id, endpoint.service) if each.private_dns), None)
    if taken is not None:
        return say("the VPC endpoint {id} has that name already", id=taken.id)
    return ""


def _set(scope: Scope, endpoint: Endpoint, *, enabled: bool) -> Call:
    arn = scope.arn("ec2", f"vpc-endpoint/{endpoint.id}")
    parameters: dict[str, JSON] = {"VpcEndpointId": endpoint.id, "PrivateDnsEnabled": enabled}
    return Call("ec2", "ModifyVpcEndpoint", parameters, "ec2:ModifyVpcEndpoint", arn)


def _guard(endpoint: Endpoint, expected: str) -> Guard:
    which: dict[str, JSON] = {"VpcEndpointIds": [endpoint.id]}
    path = "VpcEndpoints.0.PrivateDnsEnabled"
    return Guard(say("private DNS of the endpoint"), "ec2", "DescribeVpcEndpoints", which, path, expected)

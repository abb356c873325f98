"""`create-endpoint`: create the VPC endpoints that a subnet lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from ssmtui.iam_policy.document import Effect, Policy, Statement
from ssmtui.language import say, translatable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.finding import Finding, Subject, SubjectKind
from ssmtui.model.network import (
    Endpoint,
    Endpoints,
    EndpointType,
    GroupRule,
    Placement,
    RouteTables,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    VpcDns,
    https_line,
    rules_text,
)
from ssmtui.model.node_facts import Observation
from ssmtui.model.plan import (
    JSON,
    AnswerReference,
    Call,
    FactChange,
    FixNotApplicable,
    Guard,
    GuardReference,
    Parameter,
    Plan,
    Reach,
    RequiredPermission,
    UndoPlan,
)
from ssmtui.model.preferences import SessionServices
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import NO_WAY_TO_AWS, chosen_values
from ssmtui.remediation.plans.network.security_groups import (
    HttpsRule,
    authorize_call,
    revoke_call,
    rules_guard,
    with_rule,
)

GROUP_CHOICE = "group"
_HTTPS = 443


def group_choice(groups: SecurityGroups, endpoints: Endpoints, subnet: Subnet) -> Choice:
    """The groups of the VPC, those first that other endpoints have and that let the subnet in.

    One of these is taken where none is chosen; without one, a person must choose.
    """
    in_use = {
        group_id for each in endpoints.endpoints if each.vpc_id == subnet.vpc_id for group_id in each.security_group_ids
    }
    known = [each for each in groups.by_id.values() if each.vpc_id == subnet.vpc_id]
    ranked = sorted(known, key=lambda each: (each.id not in in_use, not admits(each, subnet.cidr), each.id))
    fitting = any(each.id in in_use and admits(each, subnet.cidr) for each in known)
    return Choice(
        GROUP_CHOICE, say("security group"), tuple(_candidate(each, subnet) for each in ranked), optional=fitting
    )


def admits(group: SecurityGroup, cidr: str) -> bool:
    """Whether the group lets HTTPS in from all of the network."""
    return any(_is_for_https(rule) and any(_covers(each, cidr) for each in rule.cidrs) for rule in group.ingress)


def _candidate(group: SecurityGroup, subnet: Subnet) -> Candidate:
    if admits(group, subnet.cidr):
        about = say("{name}: lets HTTPS in from {cidr}", name=group.name, cidr=subnet.cidr)
    else:
        about = say("{name}: is opened to HTTPS from {cidr}", name=group.name, cidr=subnet.cidr)
    return Candidate(group.id, about=about, also=(group.name,))


def _is_for_https(rule: GroupRule) -> bool:
    if rule.protocol == "-1":
        return True
    return rule.protocol == "tcp" and (rule.from_port or 0) <= _HTTPS <= (rule.to_port or 0)


def _covers(wider: str, cidr: str) -> bool:
    outer, inner = ip_network(wider, strict=False), ip_network(cidr, strict=False)
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network) and inner.subnet_of(outer)


_SLUG = "create-endpoint"
_STALE = (Endpoints, SecurityGroups, RouteTables, Observation)
_OF_SYSTEMS_MANAGER = ("ssm", "ssmmessages")
_GATEWAY = "s3"
_TAG = "ssmtui:change"
_SERVICES = "VpcEndpoints.*.ServiceName"
_EVERYTHING = Policy((Statement(Effect.ALLOW, principals=("*",), actions=("*",), resources=("*",)),))

# https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html: pricing is per hour and subnet.
_COSTS = translatable(
    "AWS charges for each interface endpoint ({services}) by the hour and Availability Zone, and for the data that "
    "passes through it."
)
_DELAY = translatable(
    "A few minutes, until the endpoints are available. An SSM Agent that found no way asks again after 5 minutes, and "
    "up to an hour later."
)
_DNS = translatable(
    "Everything in {vpc_id} is then led to these endpoints when it asks for {services}, and must be let in by their "
    "security group."
)
_OPENED = translatable("The security group {group} is opened to HTTPS from {cidr}, whatever it is on.")


@dataclass(frozen=True, slots=True)
class _Site:
    """Where the endpoints go: the subnet, its route table, and the group in front of the interfaces.

    `mark` is the value of the tag by which they are known later.
    """

    scope: Scope
    subnet: Subnet
    table: str
    group: SecurityGroup | None
    opens: bool
    mark: str


@fix(slug=_SLUG, stale=_STALE)
def create_endpoint(
    scope: Scope,
    finding: Finding,
    placement: Placement,
    subnets: Subnets,
    routes: RouteTables,
    groups: SecurityGroups,
    endpoints: Endpoints,
    dns: VpcDns,
    services: SessionServices | Absent | NotApplicable | Unreadable,
    now: Now,
    choices: Choices,
) -> Plan | FixNotApplicable:
    """In the node's subnet, with private DNS; S3 gets a gateway, which costs nothing."""
    subnet, table = subnets.get(placement.subnet_id), routes.of(placement.subnet_id, placement.vpc_id)
    if subnet is None or not subnet.cidr or table is None:
        return FixNotApplicable(_SLUG, say("the subnet {subnet} is not to be seen", subnet=placement.subnet_id))
    lacking = _lacking(finding, placement.vpc_id, endpoints, services)
    why = _why_not(scope, lacking, dns)
    if why:
        return FixNotApplicable(_SLUG, why)
    group = None
    if lacking != (_GATEWAY,):
        choice = group_choice(groups, endpoints, subnet)
        answer = chosen_values(_SLUG, choices, (choice,))
        if isinstance(answer, FixNotApplicable):
            return answer
        group = groups.get(answer.get(GROUP_CHOICE) or next((each.value for each in choice.candidates), ""))
    opens = group is not None and not admits(group, subnet.cidr)
    site = _Site(scope, subnet, table.id, group, opens, mark=f"{now.at:%Y%m%dT%H%M%S.%f}Z")
    return _plan(site, lacking, endpoints, groups)


def _lacking(
    finding: Finding, vpc_id: str, endpoints: Endpoints, services: SessionServices | Absent | NotApplicable | Unreadable
) -> tuple[str, ...]:
    """Where only logs or keys cannot be reached, the node has its way to Systems Manager already."""
    of_sessions = services.names if isinstance(services, SessionServices) else ()
    wanted = of_sessions if finding.cause == "log-endpoint-missing" else (*_OF_SYSTEMS_MANAGER, *of_sessions)
    return tuple(each for each in wanted if not any(one.available for one in endpoints.of(vpc_id, each)))


def _why_not(scope: Scope, lacking: tuple[str, ...], dns: VpcDns) -> str:
    if not lacking:
        return say("{vpc_id} has the endpoints already: something else is in the way", vpc_id=dns.vpc_id)
    if scope.partition == "aws-cn":
        return say("the names of endpoint services in China differ, and are not known here")
    if not (dns.support and dns.hostnames):
        return say("the DNS attributes of {vpc_id} must be on first (enable-vpc-dns)", vpc_id=dns.vpc_id)
    return ""


def _plan(site: _Site, lacking: tuple[str, ...], endpoints: Endpoints, groups: SecurityGroups) -> Plan:
    scope, subnet, group = site.scope, site.subnet, site.group
    interfaces = [each for each in lacking if each != _GATEWAY]
    named = sorted(_service_name(scope, each) for each in lacking)
    rule = _rule(site)
    opening = group if site.opens else None
    before = rules_text(opening) if opening else ""
    after = rules_text(opening, https_line(rule.cidr, egress=False)) if opening else ""
    return Plan(
        fix=_SLUG,
        title=say("Create VPC endpoints for {services} in {vpc_id}", services=", ".join(lacking), vpc_id=subnet.vpc_id),
        scope=scope,
        subject=Subject(SubjectKind.SUBNET, subnet.id),
        calls=(
            *((authorize_call(scope, opening, rule),) if opening else ()),
            *(_create(site, each) for each in lacking),
        ),
        before=before,
        after="\n".join((*after.splitlines(), *named)),
        guards=(
            _all_guard(site, lacking, ""),
            *((rules_guard(opening, before),) if opening else ()),
        ),
        way_back=UndoPlan(
            (
                *(_one_guard(site, each) for each in lacking),
                *((rules_guard(opening, after),) if opening else ()),
            ),
            (
                *(_delete(site, number) for number in range(len(lacking))),
                *((revoke_call(scope, opening, rule),) if opening else ()),
            ),
        ),
        reach=Reach.SUBJECT,
        undo=say("The endpoints are deleted again."),
        facts_after=_facts_after(site, lacking, endpoints, groups, rule),
        stale=_STALE,
        costs=say(_COSTS, services=", ".join(interfaces)) if interfaces else "",
        delay=say(_DELAY),
        settles_within=NO_WAY_TO_AWS,
        notes=(
            *((say(_DNS, vpc_id=subnet.vpc_id, services=", ".join(interfaces)),) if interfaces else ()),
            *((say(_OPENED, group=opening.id, cidr=subnet.cidr),) if opening else ()),
        ),
        confirmation=subnet.vpc_id if interfaces else "",
    )


def _rule(site: _Site) -> HttpsRule:
    return HttpsRule(_SLUG, "", site.subnet.cidr, egress=False, notes=())


def _create(site: _Site, service: str) -> Call:
    scope, subnet = site.scope, site.subnet
    parameters: dict[str, Parameter] = {"VpcId": subnet.vpc_id, "ServiceName": _service_name(scope, service)}
    arn = scope.arn("ec2", "vpc-endpoint/*")
    besides: tuple[RequiredPermission, ...] = (
        RequiredPermission("ec2:CreateTags", arn, (("ec2:CreateAction", "CreateVpcEndpoint"),)),
    )
    if service == _GATEWAY:
        parameters |= {"VpcEndpointType": "Gateway", "RouteTableIds": [site.table]}
    else:
        parameters |= {
            "VpcEndpointType": "Interface",
            "SubnetIds": [subnet.id],
            "SecurityGroupIds": [site.group.id] if site.group else [],
            "PrivateDnsEnabled": True,
        }
        zones = f"arn:{scope.partition}:route53:::hostedzone/*"
        besides = (*besides, RequiredPermission("route53:AssociateVPCWithHostedZone", zones))
    tags: JSON = [{"Key": _TAG, "Value": site.mark}]
    parameters["TagSpecifications"] = [{"ResourceType": "vpc-endpoint", "Tags": tags}]
    return Call("ec2", "CreateVpcEndpoint", parameters, "ec2:CreateVpcEndpoint", arn, besides=besides)


def _delete(site: _Site, guard: int) -> Call:
    arn = site.scope.arn("ec2", "vpc-endpoint/*")
    ids: list[AnswerReference | GuardReference] = [GuardReference(guard, "VpcEndpoints.0.VpcEndpointId")]
    return Call("ec2", "DeleteVpcEndpoints", {"VpcEndpointIds": ids}, "ec2:DeleteVpcEndpoints", arn)


def _one_guard(site: _Site, service: str) -> Guard:
    """Which endpoint for the service this change has made: whoever else made one, it is not that."""
    which = _endpoints(site, (service,), {"Name": f"tag:{_TAG}", "Values": [site.mark]})
    name = say("the VPC endpoint for {service} that this change has made", service=service)
    return Guard(name, "ec2", "DescribeVpcEndpoints", which, _SERVICES, _service_name(site.scope, service))


def _all_guard(site: _Site, services: tuple[str, ...], expected: str) -> Guard:
    """Which of these services have an endpoint in the VPC."""
    name = say("the VPC endpoints of {vpc_id}", vpc_id=site.subnet.vpc_id)
    return Guard(name, "ec2", "DescribeVpcEndpoints", _endpoints(site, services), _SERVICES, expected)


def _endpoints(site: _Site, services: tuple[str, ...], *further: JSON) -> Mapping[str, JSON]:
    names = [_service_name(site.scope, each) for each in services]
    return {
        "Filters": [
            {"Name": "vpc-id", "Values": [site.subnet.vpc_id]},
            {"Name": "service-name", "Values": names},
            {"Name": "vpc-endpoint-state", "Values": ["pending", "available"]},
            *further,
        ]
    }


def _facts_after(
    site: _Site, lacking: tuple[str, ...], endpoints: Endpoints, groups: SecurityGroups, rule: HttpsRule
) -> tuple[FactChange, ...]:
    made = tuple(_endpoint(site, each) for each in lacking)
    changes = [FactChange(Endpoints, Endpoints((*endpoints.endpoints, *made)), replaces=endpoints)]
    if site.opens and site.group is not None:
        changes.append(FactChange(SecurityGroups, with_rule(groups, site.group, rule), replaces=groups))
    return tuple(changes)


def _endpoint(site: _Site, service: str) -> Endpoint:
    gateway = service == _GATEWAY
    return Endpoint(
        id=f"vpce-{service}",
        vpc_id=site.subnet.vpc_id,
        service=service,
        type=EndpointType.GATEWAY if gateway else EndpointType.INTERFACE,
        available=True,
        private_dns=not gateway,
        subnet_ids=() if gateway else (site.subnet.id,),
        security_group_ids=() if gateway or site.group is None else (site.group.id,),
        route_table_ids=(site.table,) if gateway else (),
        policy=_EVERYTHING,
    )


def _service_name(scope: Scope, service: str) -> str:
    return f"com.amazonaws.{scope.region}.{service}"

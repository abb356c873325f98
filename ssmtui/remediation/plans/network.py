"""Fixes of the network: security group rules, DNS and VPC endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from ssmtui.iam_policy.document import Effect, Policy, Statement
from ssmtui.language import say, translatable
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.fact import NoFact, Now
from ssmtui.model.finding import Finding, Subject, SubjectKind
from ssmtui.model.network import (
    RULES_PATH,
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
    json_text,
)
from ssmtui.model.preferences import SessionServices
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.plan_parts import NO_WAY_TO_AWS, chosen_values
from ssmtui.remediation.plans.registry import Draft, fix

STALE = (SecurityGroups, Observation)

_RULE_DELAY = translatable("Immediately in EC2. SSM Agent retries after 5 minutes, later after up to an hour.")


@dataclass(frozen=True, slots=True)
class HttpsRule:
    """A rule that allows HTTPS from a network, or to a network. `title` is followed by the group's name."""

    title: str
    cidr: str
    egress: bool
    notes: tuple[str, ...]


def https_rule_plan(rule: HttpsRule, scope: Scope, subject: Subject, groups: SecurityGroups) -> Draft:
    """Return the plan that adds the rule to the subject's security group, or why this is impossible."""
    group = groups.get(subject.id) if subject.kind is SubjectKind.SECURITY_GROUP else None
    if group is None:
        return say("{subject} is not a known security group", subject=subject.id)
    line = https_line(rule.cidr, egress=rule.egress)
    before, after = rules_text(group), rules_text(group, line)
    if line in before.splitlines():
        return say("{group} already has that rule: something else blocks the connection", group=group.id)
    return Plan(
        title=f"{rule.title} {group.id} ({group.name})",
        scope=scope,
        subject=Subject(SubjectKind.SECURITY_GROUP, group.id),
        calls=(authorize_call(scope, group, rule),),
        before=before,
        after=after,
        guards=(rules_guard(group, before),),
        way_back=UndoPlan((rules_guard(group, after),), (revoke_call(scope, group, rule),)),
        reach=Reach.SUBJECT,
        undo=say("The rule is removed."),
        facts_after=(FactChange(SecurityGroups, with_rule(groups, group, rule), replaces=groups),),
        settles_within=NO_WAY_TO_AWS,
        delay=say(_RULE_DELAY),
        notes=(*rule.notes, say("This affects all resources that use {group}.", group=group.id)),
    )


def authorize_call(scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    """Return the call that adds the rule."""
    return _call("AuthorizeSecurityGroup", scope, group, rule)


def revoke_call(scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    """Return the call that removes the rule."""
    return _call("RevokeSecurityGroup", scope, group, rule)


def rules_guard(group: SecurityGroup, expected: str) -> Guard:
    """Return a guard on all rules of the group, in the format of `rules_text`."""
    which: Mapping[str, JSON] = {"Filters": [{"Name": "group-id", "Values": [group.id]}]}
    name = say("the inbound rules of the security group")
    return Guard(name, "ec2", "DescribeSecurityGroupRules", which, RULES_PATH, expected)


def with_rule(groups: SecurityGroups, group: SecurityGroup, rule: HttpsRule) -> SecurityGroups:
    """Return the groups with the rule."""
    added = GroupRule("tcp", 443, 443, cidrs=(rule.cidr,))
    opened_group = (
        replace(group, egress=(*group.egress, added))
        if rule.egress
        else replace(group, ingress=(*group.ingress, added))
    )
    return SecurityGroups({**groups.by_id, group.id: opened_group})


def _call(verb: str, scope: Scope, group: SecurityGroup, rule: HttpsRule) -> Call:
    parameters: dict[str, Parameter] = {
        "GroupId": group.id,
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": rule.cidr}]},
        ],
    }
    operation = f"{verb}{'Egress' if rule.egress else 'Ingress'}"
    arn = scope.arn("ec2", f"security-group/{group.id}")
    return Call("ec2", operation, parameters, f"ec2:{operation}", arn)


@fix(slug="open-endpoint-ingress", stale=STALE)
def open_endpoint_ingress(
    scope: Scope, subject: Subject, placement: Placement, subnets: Subnets, groups: SecurityGroups
) -> Draft:
    """Allow HTTPS from the node's subnet only."""
    subnet = subnets.get(placement.subnet_id)
    if subnet is None or not subnet.cidr:
        return say("the address range of the subnet {subnet_id} could not be read", subnet_id=placement.subnet_id)
    note = say(
        "Only the subnet {subnet} ({cidr}) is allowed; nodes of other subnets stay blocked.",
        subnet=subnet.id,
        cidr=subnet.cidr,
    )
    title = say("Allow inbound HTTPS from {cidr} in the security group", cidr=subnet.cidr)
    rule = HttpsRule(title, subnet.cidr, egress=False, notes=(note,))
    return https_rule_plan(rule, scope, subject, groups)


_ANYWHERE = "0.0.0.0/0"
_NOTE = translatable(
    "The group can be closed on purpose, for example to isolate a suspicious node. Ask the person who closed it "
    "before you open it."
)


@fix(slug="open-node-egress", stale=STALE)
def open_node_egress(scope: Scope, subject: Subject, groups: SecurityGroups) -> Draft:
    """Allow HTTPS to any address: the addresses of AWS's endpoints change, and a gateway for S3 has no interface."""
    rule = HttpsRule(say("Allow outbound HTTPS in the security group"), _ANYWHERE, egress=True, notes=(say(_NOTE),))
    return https_rule_plan(rule, scope, subject, groups)


# docs/facts/nodes.md §9: an agent without a connection to AWS tries again after 5 minutes, then less and less often.
_PRIVATE_DNS_DELAY = translatable(
    "A few minutes in EC2, until the DNS names are updated. SSM Agent retries after 5 minutes, later after up to an "
    "hour."
)


@fix(slug="enable-private-dns", stale=(Endpoints, Observation))
def enable_private_dns(scope: Scope, subject: Subject, endpoints: Endpoints, dns: VpcDns) -> Draft:
    """Turn on private DNS. EC2 refuses this in a VPC whose DNS attributes are off, or that already has the name."""
    endpoint = next((each for each in endpoints.endpoints if each.id == subject.id), None)
    if endpoint is None:
        return say("{id} is not a known VPC endpoint", id=subject.id)
    why = _why_no_private_dns(endpoint, endpoints, dns)
    if why:
        return why
    others = tuple(replace(each, private_dns=True) if each.id == endpoint.id else each for each in endpoints.endpoints)
    return Plan(
        title=say("Turn on private DNS of the VPC endpoint {id} ({service})", id=endpoint.id, service=endpoint.service),
        scope=scope,
        subject=Subject(SubjectKind.ENDPOINT, endpoint.id),
        calls=(_set_private_dns(scope, endpoint, enabled=True),),
        before="false",
        after="true",
        guards=(_private_dns_guard(endpoint, "false"),),
        way_back=UndoPlan((_private_dns_guard(endpoint, "true"),), (_set_private_dns(scope, endpoint, enabled=False),)),
        reach=Reach.SUBJECT,
        undo=say("Private DNS of the endpoint is turned off again."),
        facts_after=(FactChange(Endpoints, Endpoints(others), replaces=endpoints),),
        settles_within=NO_WAY_TO_AWS,
        delay=say(_PRIVATE_DNS_DELAY),
        notes=(
            say(
                "All requests in {vpc_id} for {service} then go to the endpoint, and its security groups must allow "
                "them.",
                vpc_id=endpoint.vpc_id,
                service=endpoint.service,
            ),
        ),
    )


def _why_no_private_dns(endpoint: Endpoint, endpoints: Endpoints, dns: VpcDns) -> str:
    if endpoint.private_dns:
        return say("private DNS of {id} is already on", id=endpoint.id)
    if not (dns.support and dns.hostnames):
        return say("first turn on the DNS attributes of {vpc_id} (enable-vpc-dns)", vpc_id=dns.vpc_id)
    taken = next((each for each in endpoints.of(endpoint.vpc_id, endpoint.service) if each.private_dns), None)
    if taken is not None:
        return say("the VPC endpoint {id} already has that name", id=taken.id)
    return ""


def _set_private_dns(scope: Scope, endpoint: Endpoint, *, enabled: bool) -> Call:
    arn = scope.arn("ec2", f"vpc-endpoint/{endpoint.id}")
    parameters: dict[str, JSON] = {"VpcEndpointId": endpoint.id, "PrivateDnsEnabled": enabled}
    return Call("ec2", "ModifyVpcEndpoint", parameters, "ec2:ModifyVpcEndpoint", arn)


def _private_dns_guard(endpoint: Endpoint, expected: str) -> Guard:
    which: dict[str, JSON] = {"VpcEndpointIds": [endpoint.id]}
    path = "VpcEndpoints.0.PrivateDnsEnabled"
    return Guard(say("private DNS of the endpoint"), "ec2", "DescribeVpcEndpoints", which, path, expected)


_ATTRIBUTE_MEMBERS = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}


@fix(slug="enable-vpc-dns", stale=(VpcDns, Observation))
def enable_vpc_dns(scope: Scope, dns: VpcDns) -> Draft:
    """Turn on the missing DNS attributes, DNS support first: host names need it. EC2 sets one attribute per call."""
    before = {"EnableDnsSupport": dns.support, "EnableDnsHostnames": dns.hostnames}
    off = [name for name, value in before.items() if not value]
    if not off:
        return say("both DNS attributes of {vpc_id} are already on", vpc_id=dns.vpc_id)
    return Plan(
        title=say("Turn on DNS in {vpc_id}", vpc_id=dns.vpc_id),
        scope=scope,
        subject=Subject(SubjectKind.VPC, dns.vpc_id),
        calls=tuple(_set_vpc_attribute(scope, dns.vpc_id, name, value=True) for name in off),
        before=json_text(before),
        after=json_text(dict.fromkeys(before, True)),
        guards=tuple(_vpc_attribute_guard(dns.vpc_id, name, "false") for name in off),
        way_back=UndoPlan(
            tuple(_vpc_attribute_guard(dns.vpc_id, name, "true") for name in off),
            tuple(_set_vpc_attribute(scope, dns.vpc_id, name, value=False) for name in reversed(off)),
        ),
        reach=Reach.SUBJECT,
        undo=say("The attributes that were off are turned off again."),
        facts_after=(FactChange(VpcDns, VpcDns(dns.vpc_id, support=True, hostnames=True), replaces=dns),),
        settles_within=NO_WAY_TO_AWS,
        delay=say("Immediately in EC2. SSM Agent resolves names again after 5 minutes, later after up to an hour."),
        notes=(say("This affects the whole VPC: the names of VPC endpoints then resolve to the endpoints."),),
    )


def _set_vpc_attribute(scope: Scope, vpc_id: str, member: str, *, value: bool) -> Call:
    wanted: dict[str, JSON] = {"Value": value}
    arn = scope.arn("ec2", f"vpc/{vpc_id}")
    return Call("ec2", "ModifyVpcAttribute", {"VpcId": vpc_id, member: wanted}, "ec2:ModifyVpcAttribute", arn)


def _vpc_attribute_guard(vpc_id: str, member: str, expected: str) -> Guard:
    attribute = _ATTRIBUTE_MEMBERS[member]
    which = {"VpcId": vpc_id, "Attribute": attribute}
    return Guard(attribute, "ec2", "DescribeVpcAttribute", which, f"{member}.Value", expected)


GROUP_CHOICE = "group"
_HTTPS = 443


def group_choice(groups: SecurityGroups, endpoints: Endpoints, subnet: Subnet) -> Choice:
    """Return the choice of a group of the VPC; groups of other endpoints that allow the subnet come first.

    The first candidate is the default; if there is none, a person must choose.
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
    """Return whether the group allows HTTPS from the whole network."""
    return any(_is_for_https(rule) and any(_covers(each, cidr) for each in rule.cidrs) for rule in group.ingress)


def _candidate(group: SecurityGroup, subnet: Subnet) -> Candidate:
    if admits(group, subnet.cidr):
        about = say("{name}: allows HTTPS from {cidr}", name=group.name, cidr=subnet.cidr)
    else:
        about = say("{name}: this change allows HTTPS from {cidr}", name=group.name, cidr=subnet.cidr)
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


_OF_SYSTEMS_MANAGER = ("ssm", "ssmmessages")
_GATEWAY = "s3"
_TAG = "ssmtui:change"
_SERVICES = "VpcEndpoints.*.ServiceName"
_EVERYTHING = Policy((Statement(Effect.ALLOW, principals=("*",), actions=("*",), resources=("*",)),))

# https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html: pricing is per hour and subnet.
_ENDPOINT_COSTS = translatable(
    "AWS charges each interface endpoint ({services}) per hour and Availability Zone, plus the data processed."
)
_ENDPOINT_DELAY = translatable(
    "A few minutes, until the endpoints are available. SSM Agent retries after 5 minutes, later after up to an hour."
)
_LEADS_EVERYTHING = translatable(
    "All requests in {vpc_id} for {services} then go to these endpoints, and the security group of the endpoints "
    "must allow them."
)
_OPENED = translatable("The security group {group} allows HTTPS from {cidr} for all resources that use the group.")


@dataclass(frozen=True, slots=True)
class _Site:
    """The place of the endpoints: the subnet, its route table, and the security group of the interfaces.

    `mark` is the value of the tag that identifies the endpoints later.
    """

    scope: Scope
    subnet: Subnet
    table: str
    group: SecurityGroup | None
    opens: bool
    mark: str


@fix(slug="create-endpoint", stale=(Endpoints, SecurityGroups, RouteTables, Observation))
def create_endpoint(
    scope: Scope,
    finding: Finding,
    placement: Placement,
    subnets: Subnets,
    routes: RouteTables,
    groups: SecurityGroups,
    endpoints: Endpoints,
    dns: VpcDns,
    services: SessionServices | NoFact,
    now: Now,
    choices: Choices,
) -> Draft:
    """Create endpoints in the node's subnet, with private DNS; S3 gets a gateway, which is free."""
    subnet, table = subnets.get(placement.subnet_id), routes.of(placement.subnet_id, placement.vpc_id)
    if subnet is None or not subnet.cidr or table is None:
        return say("the subnet {subnet} was not found or could not be read", subnet=placement.subnet_id)
    lacking = _lacking(finding, placement.vpc_id, endpoints, services)
    why = _why_not(scope, lacking, dns)
    if why:
        return why
    group = None
    if lacking != (_GATEWAY,):
        choice = group_choice(groups, endpoints, subnet)
        answer = chosen_values(choices, (choice,))
        if isinstance(answer, FixNotApplicable):
            return answer
        group = groups.get(answer.get(GROUP_CHOICE) or next((each.value for each in choice.candidates), ""))
    opens = group is not None and not admits(group, subnet.cidr)
    site = _Site(scope, subnet, table.id, group, opens, mark=f"{now.at:%Y%m%dT%H%M%S.%f}Z")
    return _plan(site, lacking, endpoints, groups)


def _lacking(
    finding: Finding, vpc_id: str, endpoints: Endpoints, services: SessionServices | NoFact
) -> tuple[str, ...]:
    """Return the missing services. If only logs or keys cannot be reached, the node already reaches Systems Manager."""
    of_sessions = services.names if isinstance(services, SessionServices) else ()
    wanted = of_sessions if finding.cause == "log-endpoint-missing" else (*_OF_SYSTEMS_MANAGER, *of_sessions)
    return tuple(each for each in wanted if not any(one.available for one in endpoints.of(vpc_id, each)))


def _why_not(scope: Scope, lacking: tuple[str, ...], dns: VpcDns) -> str:
    if not lacking:
        return say("{vpc_id} already has the endpoints: something else blocks the connection", vpc_id=dns.vpc_id)
    if scope.partition == "aws-cn":
        return say("endpoint services have other names in China, which ssmtui does not know")
    if not (dns.support and dns.hostnames):
        return say("first turn on the DNS attributes of {vpc_id} (enable-vpc-dns)", vpc_id=dns.vpc_id)
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
        undo=say("The endpoints are deleted."),
        facts_after=_facts_after(site, lacking, endpoints, groups, rule),
        costs=say(_ENDPOINT_COSTS, services=", ".join(interfaces)) if interfaces else "",
        delay=say(_ENDPOINT_DELAY),
        settles_within=NO_WAY_TO_AWS,
        notes=(
            *((say(_LEADS_EVERYTHING, vpc_id=subnet.vpc_id, services=", ".join(interfaces)),) if interfaces else ()),
            *((say(_OPENED, group=opening.id, cidr=subnet.cidr),) if opening else ()),
        ),
        confirmation=subnet.vpc_id if interfaces else "",
    )


def _rule(site: _Site) -> HttpsRule:
    return HttpsRule("", site.subnet.cidr, egress=False, notes=())


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
    """Return a guard on the endpoint for the service that this change created, not on endpoints of others."""
    which = _endpoints(site, (service,), {"Name": f"tag:{_TAG}", "Values": [site.mark]})
    name = say("the VPC endpoint for {service} that this change created", service=service)
    return Guard(name, "ec2", "DescribeVpcEndpoints", which, _SERVICES, _service_name(site.scope, service))


def _all_guard(site: _Site, services: tuple[str, ...], expected: str) -> Guard:
    """Return a guard on the endpoints in the VPC for these services."""
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

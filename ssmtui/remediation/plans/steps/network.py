"""Steps on the network between a node and AWS."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.language import say, translatable
from ssmtui.model.fact import NoFact
from ssmtui.model.finding import Finding
from ssmtui.model.iam_questions import CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import NodeRole
from ssmtui.model.network import Endpoint, Endpoints, NetworkAcl, NetworkAcls, Placement, RouteTables
from ssmtui.model.plan import JSON, FixNotApplicable, Form, Step, Steps, json_text, shell_word
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.registry import manual_steps

_ANYWHERE = "0.0.0.0/0"
_USUAL = 90
_HTTPS, _ANSWERS = (443, 443), (1024, 65535)


def entries_for(acl_id: str, acl: NetworkAcl | None, region: str) -> Iterator[str]:
    """Yield the commands; for an unreadable ACL, with a rule number that is usually free."""
    for egress, (low, high) in ((True, _HTTPS), (False, _ANSWERS)):
        number = free_number(acl, egress=egress) if acl is not None else _USUAL
        yield (
            f"aws ec2 create-network-acl-entry --region {region} "
            f"--network-acl-id {shell_word(acl_id, 'NETWORK_ACL_ID')} \\\n"
            f"  --rule-number {number or 'RULE_NUMBER'} --protocol 6 --port-range From={low},To={high} \\\n"
            f"  --cidr-block {_ANYWHERE} --rule-action allow {'--egress' if egress else '--ingress'}"
        )


def free_number(acl: NetworkAcl, *, egress: bool) -> int:
    """Return a free number of this direction before every deny entry; 0 if there is none."""
    own = [each for each in acl.entries if each.egress is egress]
    before = min((each.number for each in own if not each.allow), default=_USUAL + 1)
    taken = {each.number for each in own}
    return next((number for number in range(min(before, _USUAL + 1) - 1, 0, -1) if number not in taken), 0)


_SLUG = "steps-network"

_OF_SERVICE = {
    "ssm": (UPDATE_INSTANCE_INFORMATION,),
    "ssmmessages": CHANNEL_ACTIONS,
    "kms": ("kms:Decrypt",),
    "logs": ("logs:DescribeLogGroups", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
    "s3": ("s3:GetEncryptionConfiguration", "s3:PutObject"),
}

_ACL = translatable("Add these entries to the network ACL {acl}: outbound HTTPS and the inbound responses.")
_ACL_ORDER = translatable(
    "The entry with the lowest matching number applies. The new entries must come before the entry that denies."
)
_ROUTE = translatable("Change the route to an existing target, for example an available NAT gateway.")
_NAT = translatable(
    "Create another route out of the subnet: a NAT gateway in a public subnet of the VPC. AWS charges for it per hour."
)
_TABLE = translatable("Point the default route of the subnet's route table to the NAT gateway.")
_OWNER = translatable("The subnet belongs to another account. Send this question to its owner.")
_OWNER_QUESTION = translatable(
    "The nodes of account {account} in the subnet {subnet} cannot reach Systems Manager. Does the VPC have interface "
    "endpoints for ssm and ssmmessages with private DNS, or a NAT gateway? Do the security groups of the endpoints "
    "allow TCP 443 from the subnet? Do the network ACLs allow TCP 443 outbound and TCP 1024-65535 inbound?"
)
_POLICY = translatable(
    "Add this statement to the policy of the endpoint {endpoint}, or exclude the role from the statement that denies."
)
_PUT_POLICY = translatable("Write the complete policy with the new statement to a file, and apply it.")
_IPV6 = translatable(
    "Give the nodes an IPv4 address, or use NAT64 with DNS64 and a route for 64:ff9b::/96 to a NAT gateway. By "
    "default, SSM Agent uses the IPv4 names of the services."
)
_IPV6_OUT = translatable("Allow outbound HTTPS over IPv6 in the security group.")
_FROM_HERE = translatable("From this computer, test the connection to ssmmessages.")
_FIREWALL = translatable("Have TCP 443 to this name allowed in the firewall or proxy on the path.")
_SEE = translatable("If you can log in to the node (SSH, the EC2 serial console), test the connection from the node.")


@manual_steps(_SLUG)
def network(
    scope: Scope,
    finding: Finding,
    placement: Placement | NoFact,
    acls: NetworkAcls | NoFact,
    endpoints: Endpoints | NoFact,
    routes: RouteTables | NoFact,
    node_role: NodeRole | NoFact,
) -> Steps | FixNotApplicable:
    """Return the steps by the hop at which the path ends."""
    subject, region = finding.subject.id, shell_word(scope.region, "REGION")
    match finding.cause:
        case "network-acl-blocks":
            return _steps(say("Allow HTTPS in the network ACL {acl}", acl=subject), _acl(subject, acls, region))
        case "blackhole-route":
            return _steps(say("Fix the route in {table}", table=subject), _route(subject, region))
        case "shared-vpc":
            subnet = placement.subnet_id if isinstance(placement, Placement) else subject
            question = say(_OWNER_QUESTION, account=scope.account, subnet=subnet)
            return _steps(say("Ask the owner of the subnet"), (Step(say(_OWNER), question, Form.TEXT),))
        case "endpoint-policy-denies":
            title = say("Allow the role in the policy of the VPC endpoint {endpoint}", endpoint=subject)
            return _steps(title, _endpoint_policy(_endpoint(endpoints, subject), subject, node_role, region))
        case "ipv6-only-subnet":
            return _steps(say("Provide IPv4 access for the subnet"), (Step(say(_IPV6)), _seen_from_the_node(scope)))
        case "egress-blocked":
            return _steps(say("Allow outbound HTTPS in {group}", group=subject), _ipv6_egress(subject, region))
        case "messages-endpoint-unreachable":
            return _steps(say("Allow the connection from this computer"), _from_here(scope))
    return _steps(
        say("Create a route out of the subnet"), (*_nat(region, _table(routes, placement)), _seen_from_the_node(scope))
    )


def _steps(title: str, steps: tuple[Step, ...]) -> Steps:
    return Steps(_SLUG, title, steps)


def _acl(acl_id: str, acls: NetworkAcls | NoFact, region: str) -> tuple[Step, ...]:
    known = acls.acls if isinstance(acls, NetworkAcls) else ()
    found = next((each for each in known if each.id == acl_id), None)
    return (
        Step(say(_ACL, acl=acl_id), "\n".join(entries_for(acl_id, found, region))),
        Step(say(_ACL_ORDER)),
    )


def _route(table_id: str, region: str) -> tuple[Step, ...]:
    look = (
        f"aws ec2 describe-route-tables --region {region} "
        f"--route-table-ids {shell_word(table_id, 'ROUTE_TABLE_ID')} \\\n"
        "  --query 'RouteTables[].Routes[?State==`blackhole`]'"
    )
    mend = (
        f"aws ec2 replace-route --region {region} --route-table-id {shell_word(table_id, 'ROUTE_TABLE_ID')} \\\n"
        f"  --destination-cidr-block {_ANYWHERE} --nat-gateway-id NAT_GATEWAY_ID"
    )
    return (Step(say("Find the blackhole route."), look), Step(say(_ROUTE), mend))


def _table(
    routes: RouteTables | NoFact,
    placement: Placement | NoFact,
) -> str:
    if not isinstance(routes, RouteTables) or not isinstance(placement, Placement):
        return "ROUTE_TABLE_ID"
    found = routes.of(placement.subnet_id, placement.vpc_id)
    return shell_word(found.id, "ROUTE_TABLE_ID") if found is not None else "ROUTE_TABLE_ID"


def _nat(region: str, table: str) -> tuple[Step, ...]:
    make = (
        f"aws ec2 allocate-address --region {region} --domain vpc\n"
        f"aws ec2 create-nat-gateway --region {region} --subnet-id PUBLIC_SUBNET_ID --allocation-id ALLOCATION_ID"
    )
    lead = (
        f"aws ec2 create-route --region {region} --route-table-id {table} \\\n"
        f"  --destination-cidr-block {_ANYWHERE} --nat-gateway-id NAT_GATEWAY_ID"
    )
    return (Step(say(_NAT), make), Step(say(_TABLE), lead))


def _endpoint(endpoints: Endpoints | NoFact, endpoint_id: str) -> Endpoint | None:
    known = endpoints.endpoints if isinstance(endpoints, Endpoints) else ()
    return next((each for each in known if each.id == endpoint_id), None)


def _endpoint_policy(
    endpoint: Endpoint | None, endpoint_id: str, node_role: NodeRole | NoFact, region: str
) -> tuple[Step, ...]:
    role = node_role.role.arn if isinstance(node_role, NodeRole) else "ROLE_ARN"
    actions = _OF_SERVICE.get(endpoint.service if endpoint is not None else "", CHANNEL_ACTIONS)
    statement: dict[str, JSON] = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": role}},
    }
    put = (
        f"aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {shell_word(endpoint_id, 'ENDPOINT_ID')} \\\n"
        "  --policy-document file://policy.json"
    )
    return (
        Step(say(_POLICY, endpoint=endpoint_id), json_text(statement), Form.JSON),
        Step(say(_PUT_POLICY), put),
    )


def _ipv6_egress(group_id: str, region: str) -> tuple[Step, ...]:
    permission = "IpProtocol=tcp,FromPort=443,ToPort=443,Ipv6Ranges=[{CidrIpv6=::/0}]"
    allow = (
        f"aws ec2 authorize-security-group-egress --region {region} --group-id {shell_word(group_id, 'GROUP_ID')} \\\n"
        f"  --ip-permissions '{permission}'"
    )
    return (Step(say(_IPV6_OUT), allow),)


def _from_here(scope: Scope) -> tuple[Step, ...]:
    name = _name(scope, "ssmmessages")
    return (Step(say(_FROM_HERE), f"curl -v https://{name}/ping"), Step(say(_FIREWALL), name, Form.TEXT))


def _seen_from_the_node(scope: Scope) -> Step:
    return Step(say(_SEE), f"curl -v https://{_name(scope, 'ssm')} && curl -v https://{_name(scope, 'ssmmessages')}")


def _name(scope: Scope, service: str) -> str:
    return f"{service}.{shell_word(scope.region, 'REGION')}.{shell_word(scope.dns_suffix, 'amazonaws.com')}"

"""`steps-network`: what must change on the way from a node to AWS, and that nobody should change at one key."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.fixes.steps.network_rules import entries_for
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Finding
from ssmtui.model.identity import NodeRole
from ssmtui.model.network import Endpoint, Endpoints, NetworkAcls, Placement, RouteTables
from ssmtui.model.plan import JSON, NotApplicable, json_text
from ssmtui.model.questions import CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-network"
_ANYWHERE = "0.0.0.0/0"

_OF_SERVICE = {
    "ssm": (UPDATE_INSTANCE_INFORMATION,),
    "ssmmessages": CHANNEL_ACTIONS,
    "kms": ("kms:Decrypt",),
    "logs": ("logs:DescribeLogGroups", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
    "s3": ("s3:GetEncryptionConfiguration", "s3:PutObject"),
}

_ACL = marked("Add these entries to the network ACL {acl}: HTTPS out, and its answers back in.")
_ACL_ORDER = marked("The lowest number that matches decides: the new entries come before the one that denies.")
_ROUTE = marked("Point the route at a target that exists, such as a NAT gateway that is available.")
_NAT = marked(
    "Give the subnet another way out: a NAT gateway in a public subnet of the VPC. AWS charges for it by the hour."
)
_TABLE = marked("Lead the default route of the subnet's own route table to it.")
_OWNER = marked("The subnet belongs to another account. Ask its owner this.")
_OWNER_QUESTION = marked(
    "The nodes of account {account} in the subnet {subnet} do not reach Systems Manager. Does the VPC have interface "
    "endpoints for ssm and ssmmessages with private DNS, or a NAT gateway? Do the endpoints' security groups admit TCP "
    "443 from the subnet, and do the network ACLs let TCP 443 out and TCP 1024-65535 back in?"
)
_POLICY = marked("Add this statement to the policy of the endpoint {endpoint}, or take the role out of what denies.")
_PUT_POLICY = marked("Write the whole policy, with the new statement, into a file, and put it in place.")
_IPV6 = marked(
    "Give the nodes an IPv4 address, or NAT64 with DNS64 and a route for 64:ff9b::/96 to a NAT gateway. SSM Agent "
    "takes the IPv4 names of services unless it is told otherwise."
)
_IPV6_OUT = marked("Let HTTPS out over IPv6 in the security group.")
_FROM_HERE = marked("From this computer, see how far the way to ssmmessages leads.")
_FIREWALL = marked("Have TCP 443 to that name opened in the firewall or proxy that stands between.")
_SEE = marked("See the way from the node itself, once somebody can log in there (SSH, the EC2 serial console).")


@by_hand(_SLUG)
def network(
    scope: Scope,
    finding: Finding,
    placement: Placement | Absent | Moot | Unreadable,
    acls: NetworkAcls | Absent | Moot | Unreadable,
    endpoints: Endpoints | Absent | Moot | Unreadable,
    routes: RouteTables | Absent | Moot | Unreadable,
    node_role: NodeRole | Absent | Moot | Unreadable,
) -> Steps | NotApplicable:
    """By the hop where the way ends."""
    subject, region = finding.subject.id, word(scope.region, "REGION")
    match finding.cause:
        case "network-acl-blocks":
            return _steps(say("Open the network ACL {acl}", acl=subject), _acl(subject, acls, region))
        case "blackhole-route":
            return _steps(say("Mend the route of {table}", table=subject), _route(subject, region))
        case "shared-vpc":
            subnet = placement.subnet_id if isinstance(placement, Placement) else subject
            question = say(_OWNER_QUESTION, account=scope.account, subnet=subnet)
            return _steps(say("Ask the owner of the subnet"), (Step(say(_OWNER), question, Form.TEXT),))
        case "endpoint-policy-denies":
            title = say("Let the role through the VPC endpoint {endpoint}", endpoint=subject)
            return _steps(title, _endpoint_policy(_endpoint(endpoints, subject), subject, node_role, region))
        case "ipv6-only-subnet":
            return _steps(say("Give the subnet a way for IPv4"), (Step(say(_IPV6)), _seen_from_the_node(scope)))
        case "egress-blocked":
            return _steps(say("Let HTTPS out of {group}", group=subject), _ipv6_egress(subject, region))
        case "messages-endpoint-unreachable":
            return _steps(say("Open the way from this computer"), _from_here(scope))
    return _steps(
        say("Give the subnet a way out"), (*_nat(region, _table(routes, placement)), _seen_from_the_node(scope))
    )


def _steps(title: str, steps: tuple[Step, ...]) -> Steps:
    return Steps(_SLUG, title, steps)


def _acl(acl_id: str, acls: NetworkAcls | Absent | Moot | Unreadable, region: str) -> tuple[Step, ...]:
    known = acls.acls if isinstance(acls, NetworkAcls) else ()
    found = next((each for each in known if each.id == acl_id), None)
    return (
        Step(say(_ACL, acl=acl_id), "\n".join(entries_for(acl_id, found, region))),
        Step(say(_ACL_ORDER)),
    )


def _route(table_id: str, region: str) -> tuple[Step, ...]:
    look = (
        f"aws ec2 describe-route-tables --region {region} --route-table-ids {word(table_id, 'ROUTE_TABLE_ID')} \\\n"
        "  --query 'RouteTables[].Routes[?State==`blackhole`]'"
    )
    mend = (
        f"aws ec2 replace-route --region {region} --route-table-id {word(table_id, 'ROUTE_TABLE_ID')} \\\n"
        f"  --destination-cidr-block {_ANYWHERE} --nat-gateway-id NAT_GATEWAY_ID"
    )
    return (Step(say("Look which route leads nowhere."), look), Step(say(_ROUTE), mend))


def _table(routes: RouteTables | Absent | Moot | Unreadable, placement: Placement | Absent | Moot | Unreadable) -> str:
    if not isinstance(routes, RouteTables) or not isinstance(placement, Placement):
        return "ROUTE_TABLE_ID"
    found = routes.of(placement.subnet_id, placement.vpc_id)
    return word(found.id, "ROUTE_TABLE_ID") if found is not None else "ROUTE_TABLE_ID"


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


def _endpoint(endpoints: Endpoints | Absent | Moot | Unreadable, endpoint_id: str) -> Endpoint | None:
    known = endpoints.endpoints if isinstance(endpoints, Endpoints) else ()
    return next((each for each in known if each.id == endpoint_id), None)


def _endpoint_policy(
    endpoint: Endpoint | None, endpoint_id: str, node_role: NodeRole | Absent | Moot | Unreadable, region: str
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
        f"aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {word(endpoint_id, 'ENDPOINT_ID')} \\\n"
        "  --policy-document file://policy.json"
    )
    return (
        Step(say(_POLICY, endpoint=endpoint_id), json_text(statement), Form.JSON),
        Step(say(_PUT_POLICY), put),
    )


def _ipv6_egress(group_id: str, region: str) -> tuple[Step, ...]:
    permission = "IpProtocol=tcp,FromPort=443,ToPort=443,Ipv6Ranges=[{CidrIpv6=::/0}]"
    allow = (
        f"aws ec2 authorize-security-group-egress --region {region} --group-id {word(group_id, 'GROUP_ID')} \\\n"
        f"  --ip-permissions '{permission}'"
    )
    return (Step(say(_IPV6_OUT), allow),)


def _from_here(scope: Scope) -> tuple[Step, ...]:
    name = _name(scope, "ssmmessages")
    return (Step(say(_FROM_HERE), f"curl -v https://{name}/ping"), Step(say(_FIREWALL), name, Form.TEXT))


def _seen_from_the_node(scope: Scope) -> Step:
    return Step(say(_SEE), f"curl -v https://{_name(scope, 'ssm')} && curl -v https://{_name(scope, 'ssmmessages')}")


def _name(scope: Scope, service: str) -> str:
    return f"{service}.{word(scope.region, 'REGION')}.{word(scope.dns_suffix, 'amazonaws.com')}"

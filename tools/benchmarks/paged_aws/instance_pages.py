"""Build the pages of ec2:DescribeInstances, with all members of an instance, because the SDK parses all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tools.benchmarks.paged_aws.fleet import FleetNode
from tools.benchmarks.paged_aws.ground import ACCOUNT, identifier

NAMESPACE: Final = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'
HEAD: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse {NAMESPACE}>'
    "<requestId>59dbff89-35bd-4eac-99ed-be587ed81825</requestId><reservationSet>"
)
_LAUNCHED: Final = "2026-10-01T07:00:00.000Z"


def instance_element(node: FleetNode) -> str:
    """Return a reservation with one instance."""
    interface, volume = identifier("eni", node.number + 1), identifier("vol", node.number + 1)
    group = f"<item><groupId>{node.security_group}</groupId><groupName>{node.vpc.name}</groupName></item>"
    dns = f"ip-{node.address.replace('.', '-')}.eu-west-1.compute.internal"
    state, code = ("running", 16) if node.running else ("stopped", 80)
    profile = (
        f"<iamInstanceProfile><arn>arn:aws:iam::{ACCOUNT}:instance-profile/{node.role.name}</arn>"
        f"<id>AIPA{node.role.name.upper():X<16.16}</id></iamInstanceProfile>"
        if node.role
        else ""
    )
    platform = "<platform>windows</platform>" if node.windows else ""
    details = "Windows" if node.windows else "Linux/UNIX"
    image = "ami-0a1b2c3d4e5f60004" if node.windows else "ami-0a1b2c3d4e5f60001"
    return (
        f"<item><reservationId>{identifier('r', node.number + 1)}</reservationId><ownerId>{ACCOUNT}</ownerId>"
        f"<groupSet/><instancesSet><item><instanceId>{node.id}</instanceId><imageId>{image}</imageId>"
        f"<instanceState><code>{code}</code><name>{state}</name></instanceState>"
        f"<privateDnsName>{dns}</privateDnsName><dnsName/><reason/><keyName>fleet</keyName>"
        f"<amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>m7i.large</instanceType>"
        f"<launchTime>{_LAUNCHED}</launchTime><placement><availabilityZone>eu-west-1{'ab'[node.number % 2]}"
        f"</availabilityZone><availabilityZoneId>euw1-az{node.number % 2 + 1}</availabilityZoneId><groupName/>"
        f"<tenancy>default</tenancy></placement>{platform}<monitoring><state>disabled</state></monitoring>"
        f"<subnetId>{node.subnet}</subnetId><vpcId>{node.vpc.id}</vpcId>"
        f"<privateIpAddress>{node.address}</privateIpAddress><sourceDestCheck>true</sourceDestCheck>"
        f"<groupSet>{group}</groupSet><architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType>"
        f"<rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName>"
        f"<ebs><volumeId>{volume}</volumeId><status>attached</status><attachTime>{_LAUNCHED}</attachTime>"
        f"<deleteOnTermination>true</deleteOnTermination><ebsCardIndex>0</ebsCardIndex></ebs></item>"
        f"</blockDeviceMapping><virtualizationType>hvm</virtualizationType>"
        f"<clientToken>{node.number:08d}-2c3d-4e5f-8a9b-0c1d2e3f4a5b</clientToken><tagSet>{_tags(node)}</tagSet>"
        f"<hypervisor>xen</hypervisor><networkInterfaceSet><item><networkInterfaceId>{interface}"
        f"</networkInterfaceId><subnetId>{node.subnet}</subnetId><vpcId>{node.vpc.id}</vpcId><description/>"
        f"<ownerId>{ACCOUNT}</ownerId><status>in-use</status><macAddress>06:1a:2b:3c:4d:5e</macAddress>"
        f"<privateIpAddress>{node.address}</privateIpAddress><privateDnsName>{dns}</privateDnsName>"
        f"<sourceDestCheck>true</sourceDestCheck><groupSet>{group}</groupSet><attachment><attachmentId>"
        f"{identifier('eni-attach', node.number + 1)}</attachmentId><deviceIndex>0</deviceIndex>"
        f"<status>attached</status><attachTime>{_LAUNCHED}</attachTime><deleteOnTermination>true"
        f"</deleteOnTermination><networkCardIndex>0</networkCardIndex></attachment><privateIpAddressesSet><item>"
        f"<privateIpAddress>{node.address}</privateIpAddress><privateDnsName>{dns}</privateDnsName>"
        f"<primary>true</primary></item></privateIpAddressesSet><ipv6AddressesSet/><interfaceType>interface"
        f"</interfaceType><operator><managed>false</managed></operator></item></networkInterfaceSet>{profile}"
        f"<ebsOptimized>true</ebsOptimized><enaSupport>true</enaSupport><cpuOptions><coreCount>1</coreCount>"
        f"<threadsPerCore>2</threadsPerCore></cpuOptions><capacityReservationSpecification>"
        f"<capacityReservationPreference>open</capacityReservationPreference></capacityReservationSpecification>"
        f"<hibernationOptions><configured>false</configured></hibernationOptions><enclaveOptions><enabled>false"
        f"</enabled></enclaveOptions><metadataOptions><state>applied</state><httpTokens>required</httpTokens>"
        f"<httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint>"
        f"<httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>disabled</instanceMetadataTags>"
        f"</metadataOptions><platformDetails>{details}</platformDetails><usageOperation>RunInstances"
        f"</usageOperation><usageOperationUpdateTime>{_LAUNCHED}</usageOperationUpdateTime>"
        f"<privateDnsNameOptions><hostnameType>ip-name</hostnameType><enableResourceNameDnsARecord>false"
        f"</enableResourceNameDnsARecord><enableResourceNameDnsAAAARecord>false"
        f"</enableResourceNameDnsAAAARecord></privateDnsNameOptions><maintenanceOptions><autoRecovery>default"
        f"</autoRecovery><rebootMigration>default</rebootMigration></maintenanceOptions><currentInstanceBootMode>"
        f"uefi</currentInstanceBootMode><operator><managed>false</managed></operator></item></instancesSet></item>"
    )


def _tags(node: FleetNode) -> str:
    tags = {
        "Name": node.name,
        "Env": ("prod", "test", "dev")[node.number % 3],
        "Team": node.vpc.name,
        "CostCenter": f"CC-{node.number % 40:04d}",
        "ManagedBy": "terraform",
    }
    return "".join(f"<item><key>{key}</key><value>{value}</value></item>" for key, value in tags.items())


def instances_page(elements: Iterable[str], following: str | None) -> bytes:
    """Return a page of reservations, with the token of the next page."""
    token = f"<nextToken>{following}</nextToken>" if following else ""
    return f"{HEAD}{''.join(elements)}</reservationSet>{token}</DescribeInstancesResponse>".encode()

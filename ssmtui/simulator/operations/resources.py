"""Implement EC2, KMS, CloudWatch Logs and S3."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.models.vpcs import VPCEndPoint
from moto.iam.models import iam_backends
from moto.logs.models import LogGroup, logs_backends

from ssmtui.simulator import state
from ssmtui.simulator.authorisation import AuthorizationRequest, Context, Policies, Principal, evaluate
from ssmtui.simulator.authorisation.key_facts import Values
from ssmtui.simulator.authorisation.stored_policies import find_key, key_policy, owner_of_bucket
from ssmtui.simulator.call import ApiCall, AwsError, Result, operation, page
from ssmtui.simulator.moto_aws import FIREWALL_MEMBER, read_answer
from ssmtui.simulator.node_state.network import endpoint_address, find_instance, ipv6_address, is_gone
from ssmtui.simulator.scenario import STARTED


@operation("ec2", "ModifyVpcEndpoint")
def modify_vpc_endpoint(call: ApiCall) -> Result:
    """Change an endpoint. A VPC can have one endpoint with a private name per service, and only with DNS."""
    endpoint = _endpoint(call, str(call.parameters["VpcEndpointId"]))
    wanted = call.parameters.get("PrivateDnsEnabled")
    if wanted:
        _check_private_dns(call, endpoint)
    result: dict[str, Any] = read_answer(call.model, call.moto())
    if wanted is not None:
        endpoint.private_dns_enabled = bool(wanted)
    return result


@operation("ec2", "DescribeVpcEndpoints")
def describe_vpc_endpoints(call: ApiCall) -> Result:
    """List endpoints except the deleted ones, which EC2 shows for a while and moto forever."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    there = [each for each in result.get("VpcEndpoints", ()) if each["State"].lower() != "deleted"]
    if call.parameters.get("VpcEndpointIds") and not there:
        named = str(call.parameters["VpcEndpointIds"][0])
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The VpcEndpoint Id '{named}' does not exist")
    return {**result, "VpcEndpoints": there}


@operation("ec2", "DescribeNetworkInterfaces")
def describe_network_interfaces(call: ApiCall) -> Result:
    """List interfaces; those of endpoints with an address in their subnet, where moto has any address."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    backend = ec2_backends[call.account][call.region]
    of_endpoints = {id_ for each in backend.vpc_end_points.values() for id_ in each.network_interface_ids}
    for each in result.get("NetworkInterfaces", ()):
        if each["NetworkInterfaceId"] in of_endpoints:
            each["PrivateIpAddress"] = str(endpoint_address(backend.get_subnet(each["SubnetId"]).cidr_block))
    return result


def _endpoint(call: ApiCall, endpoint_id: str) -> VPCEndPoint:
    found = ec2_backends[call.account][call.region].vpc_end_points.get(endpoint_id)
    if found is None or found.state == "deleted":
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The VpcEndpoint Id '{endpoint_id}' does not exist")
    return found


def _check_private_dns(call: ApiCall, endpoint: VPCEndPoint) -> None:
    backend = ec2_backends[call.account][call.region]
    vpc = backend.vpcs[endpoint.vpc_id]
    # moto stores these as text if the API has set them.
    if not all(str(on).lower() == "true" for on in (vpc.enable_dns_support, vpc.enable_dns_hostnames)):
        raise AwsError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {vpc.id}",
        )
    for other in backend.vpc_end_points.values():
        same = (other.vpc_id, other.service_name) == (endpoint.vpc_id, endpoint.service_name)
        if same and other.id != endpoint.id and other.state != "deleted" and _is_on(other):
            raise AwsError(
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{endpoint.service_name} in the VPC {vpc.id}",
            )


def _is_on(endpoint: VPCEndPoint) -> bool:
    return str(endpoint.private_dns_enabled).lower() == "true"


@operation("ec2", "DescribeInstances")
def describe_instances(call: ApiCall) -> Result:
    """List instances, with the id of the profile (moto returns the association's) and the scenario's launch time.

    Instances of AWS services are hidden, unless the call includes them or names their IDs.
    """
    result = read_answer(call.model, call.moto())
    _show_operators(call, result)
    launch_times = call.hidden.launch_times
    profile_ids = _profile_ids(call)
    for reservation in result.get("Reservations", ()):
        for instance in reservation["Instances"]:
            if instance["InstanceId"] in launch_times:
                instance["LaunchTime"] = launch_times[instance["InstanceId"]]
            profile = instance.get("IamInstanceProfile")
            if profile:
                profile["Id"] = profile_ids.get(profile["Arn"], profile["Id"])
            _take_ipv4(call, instance)
    return result


def _show_operators(call: ApiCall, result: dict[str, Any]) -> None:
    operators = call.hidden.operators
    shown = bool(call.parameters.get("IncludeManagedResources") or call.parameters.get("InstanceIds"))
    for reservation in result.get("Reservations", ()):
        reservation["Instances"] = [
            each for each in reservation["Instances"] if shown or each["InstanceId"] not in operators
        ]
        for instance in reservation["Instances"]:
            principal = operators.get(instance["InstanceId"])
            service = {"Principal": principal, "HiddenByDefault": True} if principal else {}
            instance["Operator"] = {"Managed": principal is not None, **service}


def _take_ipv4(call: ApiCall, instance: dict[str, Any]) -> None:
    """Remove the IPv4 address in an IPv6-only subnet; moto has no such instances."""
    if instance.get("SubnetId") not in call.hidden.ipv6_only_subnets:
        return
    found = find_instance(call.account, call.region, instance["InstanceId"])
    del instance["PrivateIpAddress"]
    if found is not None:
        instance["Ipv6Address"] = str(ipv6_address(found))


@operation("ec2", "StartInstances")
def start_instances(call: ApiCall) -> Result:
    """Start instances: the previous launch time no longer applies."""
    result = read_answer(call.model, call.moto())
    for started in result["StartingInstances"]:
        call.hidden.launch_times.pop(started["InstanceId"], None)
    return result


@operation("ec2", "RebootInstances")
def reboot_instances(call: ApiCall) -> Result:
    """Reboot instances: the operating system starts again, with a correct clock, and with its agent if installed."""
    read_answer(call.model, call.moto())
    known = call.hidden
    for node_id in call.parameters["InstanceIds"]:
        known.impaired.discard(node_id)
        its_agent = state.agent(call.account, call.region, node_id)
        if its_agent.installed:
            known.agents[node_id] = replace(
                its_agent, running=True, hibernating=False, clock_skewed=False, channel_stuck=False
            )
            if its_agent.platform_type == "Linux" and not its_agent.disk_full:
                known.console_output[node_id] = STARTED.format(version=its_agent.version)
    return {}


@operation("ec2", "GetInstanceMetadataDefaults")
def get_instance_metadata_defaults(call: ApiCall) -> Result:
    """Return the account's settings for the metadata service: whether it enforces IMDSv2, or nothing."""
    level = {"HttpTokensEnforced": "enabled", "ManagedBy": "account"} if call.hidden.imdsv2_enforced else {}
    return {"AccountLevel": level}


@operation("ec2", "ModifyInstanceMetadataOptions")
def modify_instance_metadata_options(call: ApiCall) -> Result:
    """Change the metadata service of an instance; IMDSv1 is not allowed again if the account enforces IMDSv2.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-existing-instances.html
    """
    if call.hidden.imdsv2_enforced and call.parameters.get("HttpTokens") == "optional":
        raise AwsError(
            "UnsupportedOperation",
            "You can't set httpTokens to 'optional' because httpTokensEnforced is enabled for this account.",
        )
    result: dict[str, Any] = read_answer(call.model, call.moto())
    return result


@operation("ec2", "DescribeInstanceStatus")
def describe_instance_status(call: ApiCall) -> Result:
    """List status checks of running instances; the filters are those of the checks' results."""
    wanted = call.parameters.get("InstanceIds")
    statuses = [
        _status(call, instance)
        for reservation in ec2_backends[call.account][call.region].reservations.values()
        for instance in reservation.instances
        if instance.state == "running" and (not wanted or instance.id in wanted)
    ]
    members = {"instance-status.status": "InstanceStatus", "system-status.status": "SystemStatus"}
    for entry in call.parameters.get("Filters", ()):
        if entry["Name"] not in members:
            raise AwsError("InvalidParameterValue", f"The filter '{entry['Name']}' is invalid")
        statuses = [each for each in statuses if each[members[entry["Name"]]]["Status"] in entry["Values"]]
    return page(call, "InstanceStatuses", statuses, 1000)


def _status(call: ApiCall, instance: Instance) -> dict[str, Any]:
    passed = {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    failed = {
        "Status": "impaired",
        "Details": [{"Name": "reachability", "Status": "failed", "ImpairedSince": state.now()}],
    }
    impaired = instance.id in call.hidden.impaired
    return {
        "InstanceId": instance.id,
        "AvailabilityZone": instance.placement.availability_zone,
        "InstanceState": {"Code": 16, "Name": "running"},
        "InstanceStatus": failed if impaired else passed,
        "SystemStatus": passed,
    }


@operation("ec2", "DescribeIamInstanceProfileAssociations")
def describe_iam_instance_profile_associations(call: ApiCall) -> Result:
    """List instance profile associations. AWS leaves the start time out of its responses."""
    result = read_answer(call.model, call.moto())
    for association in result.get("IamInstanceProfileAssociations", ()):
        association.pop("Timestamp", None)
    return result


@operation("ec2", "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation")
def give_iam_instance_profile(call: ApiCall) -> Result:
    """Attach a profile to an instance now. Also update the instance's own copy, which moto can leave unchanged."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    node_id = result["IamInstanceProfileAssociation"]["InstanceId"]
    backend = ec2_backends[call.account][call.region]
    association = backend.iam_instance_profile_associations[node_id]
    copy = {"Arn": association.iam_instance_profile.arn, "Id": association.association_id}
    backend.modify_instance_attribute(node_id, "iam_instance_profile", copy)
    call.hidden.profile_times[node_id] = state.now()
    return result


@operation("ec2", "GetConsoleOutput")
def get_console_output(call: ApiCall) -> Result:
    """Return the end of an instance's console output; empty if there is none."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    written = call.hidden.console_output.get(str(call.parameters["InstanceId"]), "")
    return result | {"Timestamp": state.now(), "Output": base64.b64encode(written.encode()).decode()}


def _profile_ids(call: ApiCall) -> dict[str, str]:
    profiles = iam_backends[call.account][call.partition].instance_profiles.values()
    return {profile.arn: profile.id for profile in profiles}


@operation("ec2", "DescribeSubnets")
def describe_subnets(call: ApiCall) -> Result:
    """List subnets, with the owner account of each shared one, whether it has DNS64, and its firewall."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    hidden = call.hidden
    for subnet in result.get("Subnets", ()):
        subnet["OwnerId"] = hidden.subnet_owners.get(subnet["SubnetId"], call.account)
        subnet["EnableDns64"] = subnet["SubnetId"] in hidden.dns64_subnets
        subnet[FIREWALL_MEMBER] = hidden.firewalls.get(subnet["SubnetId"])
        if subnet["SubnetId"] in hidden.ipv6_only_subnets:
            subnet["Ipv6Native"] = True
            del subnet["CidrBlock"]
    return result


@operation("ec2", "ModifySubnetAttribute")
def modify_subnet_attribute(call: ApiCall) -> Result:
    """Change an attribute of a subnet; this simulator adds DNS64."""
    read_answer(call.model, call.moto())
    wanted = call.parameters.get("EnableDns64")
    if wanted is not None:
        subnets = call.hidden.dns64_subnets
        (subnets.add if wanted.get("Value") else subnets.discard)(str(call.parameters["SubnetId"]))
    return {}


@operation("ec2", "DescribeRouteTables")
def describe_route_tables(call: ApiCall) -> Result:
    """List route tables; a route whose target is gone is a blackhole."""
    result: dict[str, Any] = read_answer(call.model, call.moto())
    tables = ec2_backends[call.account][call.region].route_tables
    for table in result.get("RouteTables", ()):
        gone = [is_gone(ec2_backends[call.account][call.region], each) for each in tables[table["RouteTableId"]].routes]
        for route, is_blackhole in zip(table["Routes"], gone, strict=True):
            route["State"] = "blackhole" if is_blackhole else "active"
    return result


@operation("kms", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncrypt", "Sign", "GenerateMac")
def use_key(call: ApiCall) -> Result:
    """Use a key of this Region, if it is enabled."""
    key_id = str(call.parameters.get("KeyId") or call.parameters.get("DestinationKeyId") or "")
    if key_id.startswith("arn:") and key_id.split(":")[3] != call.region:
        raise AwsError("NotFoundException", f"Invalid arn {key_id.split(':')[3]}")
    _must_be_enabled(call, key_id)
    if call.operation.startswith("GenerateDataKey"):
        _must_be_symmetric(call, key_id)
    if call.parameters.get("DryRun"):
        # https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
        raise AwsError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
    return read_answer(call.model, call.moto())


@operation("kms", "Decrypt")
def decrypt(call: ApiCall) -> Result:
    """Decrypt, if the key that the ciphertext names is enabled."""
    decrypted = read_answer(call.model, call.moto())
    _must_be_enabled(call, str(decrypted.get("KeyId", "")))
    return decrypted


@operation("kms", "CreateKey")
def create_key(call: ApiCall) -> Result:
    """Create a key; by default it encrypts and decrypts."""
    key = find_key(call.account, call.region, read_answer(call.model, call.moto())["KeyMetadata"]["KeyId"])
    if key is None:
        raise AwsError("KMSInternalException", "The key was not created.", 500)
    key.key_usage = key.key_usage or "ENCRYPT_DECRYPT"
    return key.to_dict()


@operation("kms", "ListAliases")
def list_aliases(call: ApiCall) -> Result:
    """List aliases; AWS's own aliases have no key until a service uses them."""
    result = read_answer(call.model, call.moto())
    for alias in result["Aliases"]:
        if find_key(call.account, call.region, alias.get("TargetKeyId", "")) is None:
            alias.pop("TargetKeyId", None)
    return result


def _must_be_symmetric(call: ApiCall, key_id: str) -> None:
    key = find_key(call.account, call.region, key_id)
    if key is not None and key.key_spec != "SYMMETRIC_DEFAULT":
        said = f"{key.arn} key usage is {key.key_usage} which is not valid for {call.operation}."
        raise AwsError("InvalidKeyUsageException", said)


def _must_be_enabled(call: ApiCall, key_id: str) -> None:
    key = find_key(call.account, call.region, key_id)
    if key is None or key.key_state == "Enabled":
        return
    if key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.")
    state = key.key_state.replace("PendingDeletion", "pending deletion")
    raise AwsError("KMSInvalidStateException", f"{key.arn} is {state}.")


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
_NEEDED: Final = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")


@operation("logs", "AssociateKmsKey")
def associate_kms_key(call: ApiCall) -> Result:
    """Encrypt new data of a log group with a key."""
    group = _group(call)
    key_id = str(call.parameters["kmsKeyId"])
    _must_serve(call, key_id, group.name)
    group.kms_key_id = key_id
    return {}


@operation("logs", "DisassociateKmsKey")
def disassociate_kms_key(call: ApiCall) -> Result:
    """Stop encrypting new data with a customer key."""
    _group(call).kms_key_id = None
    return {}


@operation("logs", "CreateLogGroup")
def create_log_group(call: ApiCall) -> Result:
    """Create a log group; CloudWatch Logs must be allowed to use its key."""
    key_id = call.parameters.get("kmsKeyId")
    if key_id:
        _must_serve(call, str(key_id), str(call.parameters["logGroupName"]))
    return read_answer(call.model, call.moto())


def _group(call: ApiCall) -> LogGroup:
    identifier = str(call.parameters.get("resourceIdentifier", ""))
    name = str(call.parameters.get("logGroupName") or identifier.partition(":log-group:")[2].removesuffix(":*"))
    groups: dict[str, LogGroup] = logs_backends[call.account][call.region].groups
    if name not in groups:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return groups[name]


def _must_serve(call: ApiCall, key_id: str, group_name: str) -> None:
    group_arn = call.arn("logs", f"log-group:{group_name}")
    key = find_key(call.account, call.region, key_id)
    if key is None or key.key_state != "Enabled" or not _serves(call, key.arn, group_arn):
        raise AwsError(
            "InvalidParameterException",
            f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{group_arn}'.",
        )


def _serves(call: ApiCall, key_arn: str, group_arn: str) -> bool:
    service = Principal.service(f"logs.{call.region}.amazonaws.com")
    keys: dict[str, Values] = {"kms:EncryptionContext:aws:logs:arn": group_arn}
    policies = Policies(resource=key_policy(call.account, call.region, key_arn, service, keys))
    context = Context.of(keys)
    return all(
        evaluate(AuthorizationRequest(service, action, key_arn, context), policies).allowed for action in _NEEDED
    )


@operation("s3", "GetBucketEncryption")
def get_bucket_encryption(call: ApiCall) -> Result:
    """Return the default encryption of a bucket."""
    try:
        return read_answer(call.model, call.moto())
    except AwsError as error:
        if error.code != "ServerSideEncryptionConfigurationNotFoundError":
            raise
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


@operation("s3", "GetBucketAbac")
def get_bucket_abac(call: ApiCall) -> Result:
    """Return whether attribute-based access control is on for a bucket."""
    return {"AbacStatus": {"Status": "Enabled" if _bucket(call) in state.shared.buckets_with_abac else "Disabled"}}


@operation("s3", "PutBucketAbac")
def put_bucket_abac(call: ApiCall) -> Result:
    """Turn attribute-based access control on or off for a bucket."""
    buckets = state.shared.buckets_with_abac
    (buckets.add if call.parameters["AbacStatus"].get("Status") == "Enabled" else buckets.discard)(_bucket(call))
    return {}


def _bucket(call: ApiCall) -> str:
    name = str(call.parameters["Bucket"])
    if owner_of_bucket(name, call.partition) is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    return name

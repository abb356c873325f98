"""Somebody else, the root user, at the same thing: an edit of what a plan changes, and how it goes again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

from ssmtui.model.document_text import DocumentFormat
from ssmtui.model.plan import JSON, Call, Plan
from ssmtui.model.scope import DOCUMENT_NAME
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import administrator

_THEIR_POLICY = "arn:aws:iam::aws:policy/AmazonSSMPatchAssociation"
_THEIR_STATEMENT = {"Sid": "Theirs", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
_THEIR_TRUST: JSON = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"Service": "backup.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
_THEIR_RULE: list[JSON] = [
    {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
]
_THEIR_TAG = {"TagKey": "Owner", "TagValue": "them"}
_THEIR_DOCUMENT = '{"schemaVersion": "1.0", "description": "Theirs", "sessionType": "Standard_Stream"}'

Deed = Callable[[], object]


@dataclass(frozen=True)
class Edit:
    """An edit, and what takes it away."""

    make: Deed
    take_away: Deed


@dataclass(frozen=True)
class SomebodyElse:
    """Somebody else in the plan's Region. `made` says that the plan stands, and will be taken back."""

    aws: SimulatedAws
    plan: Plan
    made: bool

    def edit(self) -> Edit | None:
        """An edit of the thing that the plan's guards watch; None of what happens once and is no state of anything."""
        call = self.plan.calls[0]
        match call.service:
            case "ssm":
                return self._of_systems_manager(call)
            case "iam":
                return self._of_a_role(call)
            case "ec2":
                return self._of_ec2(call)
            case _:
                return self._of_keys_and_logs(call)

    @property
    def _text(self) -> str:
        return self.plan.after if self.made else self.plan.before

    def _client(self, service: str) -> Any:
        return administrator(self.aws, service, self.plan.scope.region)

    def _deed(self, service: str, operation: str, parameters: Mapping[str, object]) -> Deed:
        return partial(getattr(self._client(service), operation), **parameters)

    def _one_or_other(self, service: str, do: tuple[str, Mapping[str, object]], undo: tuple[str, Any]) -> Edit:
        """What the plan does, done by them; where the plan stands, they take it back."""
        deeds = (self._deed(service, *do), self._deed(service, *undo))
        return Edit(*reversed(deeds)) if self.made else Edit(*deeds)

    def _of_systems_manager(self, call: Call) -> Edit | None:
        named = {"Name": DOCUMENT_NAME}
        match call.operation:
            case "UpdateDocument" | "UpdateDocumentDefaultVersion":
                format_ = DocumentFormat(str(call.parameters.get("DocumentFormat", "JSON")))
                content = {"Content": _edited_document(self._text, format_), "DocumentFormat": format_.value}
                made = self._deed("ssm", "update_document", {**named, **content, "DocumentVersion": "$LATEST"})
                if call.operation == "UpdateDocumentDefaultVersion" and self.made:
                    made = self._deed("ssm", "update_document_default_version", {**named, "DocumentVersion": "1"})
            case "CreateDocument" if self.made:
                made = self._deed(
                    "ssm", "update_document", {**named, "Content": _THEIR_DOCUMENT, "DocumentVersion": "$LATEST"}
                )
            case "CreateDocument":
                created = {**named, "Content": _THEIR_DOCUMENT, "DocumentType": "Session", "DocumentFormat": "JSON"}
                made = self._deed("ssm", "create_document", created)
            case "UpdateServiceSetting":
                setting = {"SettingId": call.parameters["SettingId"]}
                value = {"SettingValue": call.parameters["SettingValue"]}
                if self.made:
                    made = self._deed("ssm", "reset_service_setting", setting)
                else:
                    made = self._deed("ssm", "update_service_setting", {**setting, **value})
            case _:
                return None
        return Edit(made, self._as_it_was())

    def _as_it_was(self) -> Deed:
        """Documents keep their versions, and settings who changed them: both are put back behind AWS's back."""
        hidden = self.aws.hidden(self.plan.scope.region)
        documents, settings = deepcopy(hidden.documents), deepcopy(hidden.service_settings)

        def put_back() -> None:
            hidden.documents.clear()
            hidden.documents.update(documents)
            hidden.service_settings.clear()
            hidden.service_settings.update(settings)

        return put_back

    def _of_a_role(self, call: Call) -> Edit | None:
        role = {"RoleName": call.parameters.get("RoleName")}
        attachment = {**role, "PolicyArn": _THEIR_POLICY}
        attached = Edit(
            self._deed("iam", "attach_role_policy", attachment), self._deed("iam", "detach_role_policy", attachment)
        )
        match call.operation:
            case "PutRolePolicy":
                policy = {**role, "PolicyName": call.parameters["PolicyName"]}
                put = partial(self._deed, "iam", "put_role_policy")
                theirs = put({**policy, "PolicyDocument": _with_statement(self._text, _THEIR_STATEMENT)})
                if not self._text:
                    return Edit(theirs, self._deed("iam", "delete_role_policy", policy))
                return Edit(theirs, put({**policy, "PolicyDocument": self._text}))
            case "UpdateAssumeRolePolicy":
                put = partial(self._deed, "iam", "update_assume_role_policy")
                theirs = put({**role, "PolicyDocument": _with_statement(self._text, _THEIR_TRUST)})
                return Edit(theirs, put({**role, "PolicyDocument": self._text}))
            case "AttachRolePolicy":
                return attached
            case "CreateRole" if self.made:
                return attached
            case "CreateRole":
                trust = {"AssumeRolePolicyDocument": call.parameters["AssumeRolePolicyDocument"]}
                return Edit(self._deed("iam", "create_role", {**role, **trust}), self._deed("iam", "delete_role", role))
            case "AddRoleToInstanceProfile":
                filled = {**role, "InstanceProfileName": call.parameters["InstanceProfileName"]}
                add = ("add_role_to_instance_profile", filled)
                return self._one_or_other("iam", add, ("remove_role_from_instance_profile", filled))
        return None

    def _of_ec2(self, call: Call) -> Edit | None:
        given = call.parameters
        match call.operation:
            case "AuthorizeSecurityGroupIngress" | "AuthorizeSecurityGroupEgress":
                rule = {"GroupId": given["GroupId"], "IpPermissions": _THEIR_RULE}
                way = "ingress" if call.operation.endswith("Ingress") else "egress"
                authorize, revoke = f"authorize_security_group_{way}", f"revoke_security_group_{way}"
                return Edit(self._deed("ec2", authorize, rule), self._deed("ec2", revoke, rule))
            case "StartInstances":
                return self._one_or_other("ec2", ("start_instances", given), ("stop_instances", given))
            case "ModifyInstanceMetadataOptions":
                (option,) = given.keys() - {"InstanceId"}
                operation = "modify_instance_metadata_options"
                return self._one_or_other("ec2", (operation, given), (operation, {**given, option: self.plan.before}))
            case "ModifyVpcAttribute":
                # Without DNS support EC2 takes no host names: the last attribute that is turned on is the one to edit.
                last = self.plan.calls[-1 if self.made else 0].parameters
                (attribute,) = last.keys() - {"VpcId"}
                off = {**last, attribute: {"Value": False}}
                return self._one_or_other("ec2", ("modify_vpc_attribute", last), ("modify_vpc_attribute", off))
            case "ModifyVpcEndpoint":
                off = {**given, "PrivateDnsEnabled": False}
                return self._one_or_other("ec2", ("modify_vpc_endpoint", given), ("modify_vpc_endpoint", off))
            case "AssociateIamInstanceProfile" | "ReplaceIamInstanceProfileAssociation":
                return self._of_a_profile()
        return None

    def _of_a_profile(self) -> Edit:
        """Another profile than the one that is there now, or none."""
        ec2, instance = self._client("ec2"), self.plan.subject.id

        def give(arn: str) -> None:
            filters = [{"Name": "instance-id", "Values": [instance]}, {"Name": "state", "Values": ["associated"]}]
            there = ec2.describe_iam_instance_profile_associations(Filters=filters)["IamInstanceProfileAssociations"]
            if not arn:
                ec2.disassociate_iam_instance_profile(AssociationId=there[0]["AssociationId"])
            elif there:
                ec2.replace_iam_instance_profile_association(
                    AssociationId=there[0]["AssociationId"], IamInstanceProfile={"Arn": arn}
                )
            else:
                ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Arn": arn})

        other = self.plan.before if self.made else self.plan.after
        return Edit(partial(give, other), partial(give, self._text))

    def _of_keys_and_logs(self, call: Call) -> Edit | None:
        given = call.parameters
        match call.operation:
            case "EnableKey" | "CancelKeyDeletion" if self.made:
                return Edit(self._deed("kms", "disable_key", given), self._deed("kms", "enable_key", given))
            case "EnableKey":
                return Edit(self._deed("kms", "enable_key", given), self._deed("kms", "disable_key", given))
            case "CancelKeyDeletion":
                again = {**given, "PendingWindowInDays": 30}
                return Edit(
                    self._deed("kms", "cancel_key_deletion", given), self._deed("kms", "schedule_key_deletion", again)
                )
            case "TagResource" | "UntagResource":
                key = {"KeyId": given["KeyId"]}
                return Edit(
                    self._deed("kms", "tag_resource", {**key, "Tags": [_THEIR_TAG]}),
                    self._deed("kms", "untag_resource", {**key, "TagKeys": [_THEIR_TAG["TagKey"]]}),
                )
            case "AssociateKmsKey":
                group = {"logGroupName": given["logGroupName"]}
                return self._one_or_other("logs", ("associate_kms_key", given), ("disassociate_kms_key", group))
            case "CreateLogGroup" if self.made:
                stream = {**given, "logStreamName": "theirs"}
                return Edit(
                    self._deed("logs", "create_log_stream", stream), self._deed("logs", "delete_log_stream", stream)
                )
            case "CreateLogGroup":
                return Edit(
                    self._deed("logs", "create_log_group", given), self._deed("logs", "delete_log_group", given)
                )
        return None


def _edited_document(text: str, format_: DocumentFormat) -> str:
    if format_ is DocumentFormat.YAML:
        return f"{text.rstrip()}\n# theirs\n"
    document = json.loads(text)
    return json.dumps({**document, "description": "Theirs"}, indent=1)


def _with_statement(text: str, statement: JSON) -> str:
    policy = json.loads(text) if text else {"Version": "2012-10-17", "Statement": []}
    there = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    return json.dumps({**policy, "Statement": [*there, statement]})

"""Return prebuilt responses about documents, settings, keys, log groups and buckets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tools.benchmarks.paged_aws.ground import ACCOUNT, BUCKET, LOG_GROUP, LOGS_KEY, REGION, SESSION_KEY
from tools.benchmarks.paged_aws.wire import Failure

_PREFERENCES: Final = "SSM-SessionManagerRunShell"
_WRITTEN: Final = 1790838000.0
_CONTENT: Final = json.dumps(
    {
        "schemaVersion": "1.0",
        "description": "Document to hold regional settings for Session Manager",
        "sessionType": "Standard_Stream",
        "inputs": {
            "s3BucketName": BUCKET,
            "s3KeyPrefix": "sessions",
            "s3EncryptionEnabled": True,
            "cloudWatchLogGroupName": LOG_GROUP,
            "cloudWatchEncryptionEnabled": True,
            "cloudWatchStreamingEnabled": False,
            "kmsKeyId": SESSION_KEY,
            "runAsEnabled": False,
            "runAsDefaultUser": "",
            "idleSessionTimeout": "20",
            "maxSessionDuration": "60",
            "shellProfile": {"windows": "", "linux": ""},
        },
    },
    indent=2,
)
_SETTINGS: Final = {
    "/ssm/managed-instance/default-ec2-instance-management-role": "$None",
    "/ssm/managed-instance/activation-tier": "advanced",
}


def service_setting(asked: Mapping[str, Any]) -> bytes | Failure:
    """Return the value of a setting of the Region."""
    name = str(asked.get("SettingId"))
    if name not in _SETTINGS:
        return Failure("ServiceSettingNotFound", "Setting not found")
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:servicesetting{name}"
    told = {"SettingId": name, "SettingValue": _SETTINGS[name], "LastModifiedDate": _WRITTEN, "ARN": arn}
    return packed({"ServiceSetting": told | {"LastModifiedUser": "System", "Status": "Customized"}})


def document(operation: str, asked: Mapping[str, Any]) -> bytes | Failure:
    """Return the preferences document; there is no other."""
    if asked.get("Name") != _PREFERENCES:
        return Failure("InvalidDocument", f"Document with name {asked.get('Name')} does not exist.")
    told: dict[str, Any] = {
        "Name": _PREFERENCES,
        "DocumentVersion": "1",
        "Status": "Active",
        "DocumentType": "Session",
        "DocumentFormat": "JSON",
        "CreatedDate": _WRITTEN,
    }
    if operation == "GetDocument":
        return packed(told | {"Content": _CONTENT})
    versions = {"LatestVersion": "1", "DefaultVersion": "1", "SchemaVersion": "1.0", "Owner": ACCOUNT}
    return packed({"Document": told | versions})


def key(operation: str, asked: Mapping[str, Any]) -> bytes | Failure:
    """Return one of the two keys."""
    named = str(asked.get("KeyId"))
    arn = next((each for each in (SESSION_KEY, LOGS_KEY) if named in {each, each.rpartition("/")[2]}), None)
    if arn is None:
        return Failure("NotFoundException", f"Key '{named}' does not exist")
    match operation:
        case "DescribeKey":
            return packed({"KeyMetadata": _metadata(arn)})
        case "GetKeyPolicy":
            return packed({"Policy": _key_policy(arn), "PolicyName": "default"})
        case "ListGrants":
            return packed({"Grants": [], "Truncated": False})
        case _:
            return packed({"Tags": [], "Truncated": False})


def _metadata(arn: str) -> dict[str, Any]:
    return {
        "AWSAccountId": ACCOUNT,
        "KeyId": arn.rpartition("/")[2],
        "Arn": arn,
        "CreationDate": _WRITTEN,
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }


def _key_policy(arn: str) -> str:
    root = {"Sid": "root", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Resource": "*"}
    statements = [root | {"Action": "kms:*"}]
    if arn == LOGS_KEY:
        logs = {"Service": f"logs.{REGION}.amazonaws.com"}
        use = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        statements.append({"Sid": "logs", "Effect": "Allow", "Principal": logs, "Resource": "*", "Action": use})
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def log_groups(asked: Mapping[str, Any]) -> bytes:
    """Return the only log group, if its name has the prefix."""
    if not LOG_GROUP.startswith(str(asked.get("logGroupNamePrefix") or "")):
        return packed({"logGroups": []})
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{LOG_GROUP}"
    group = {"logGroupName": LOG_GROUP, "creationTime": 1790838000000, "metricFilterCount": 0, "storedBytes": 0}
    return packed({"logGroups": [group | {"arn": f"{arn}:*", "logGroupArn": arn, "kmsKeyId": LOGS_KEY}]})


def bucket(operation: str) -> bytes | Failure:
    """Return the only bucket."""
    namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    match operation:
        case "HeadBucket":
            return b""
        case "GetBucketPolicy":
            return Failure("NoSuchBucketPolicy", "The bucket policy does not exist", 404)
        case "GetBucketLocation":
            return f"<LocationConstraint {namespace}>{REGION}</LocationConstraint>".encode()
        case "GetBucketEncryption":
            rule = (
                "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
                "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>"
            )
            return f"<ServerSideEncryptionConfiguration {namespace}>{rule}</ServerSideEncryptionConfiguration>".encode()
        case _:
            owned = f"<Buckets><Bucket><Name>{BUCKET}</Name></Bucket></Buckets>"
            return f"<ListAllMyBucketsResult {namespace}>{owned}</ListAllMyBucketsResult>".encode()


def packed(document: Mapping[str, Any]) -> bytes:
    """Return a document as JSON."""
    return json.dumps(document, separators=(",", ":")).encode()

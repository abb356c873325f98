"""S3: every bucket is encrypted since January 2023, by S3's own keys where nothing else was said."""

from __future__ import annotations

from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation


@operation("s3", "GetBucketEncryption")
def get_bucket_encryption(call: ApiCall) -> Result:
    """The default encryption of a bucket."""
    try:
        return read_answer(call.model, call.moto())
    except AwsError as error:
        if error.code != "ServerSideEncryptionConfigurationNotFoundError":
            raise
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}

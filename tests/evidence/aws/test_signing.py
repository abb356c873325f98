"""What is signed: reads on their way, and nothing that somebody else could send."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.awsrequest import create_request_object

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import CREDENTIAL_OPERATIONS, NotAReadOperation
from ssmtui.evidence.facts.sources import all_reads

pytestmark = pytest.mark.usefixtures("keys")

SERVICES = sorted({service for service, _ in all_reads()} - {"iam-toolbox"})
WITHOUT_SIGNATURE = {"AssumeRoleWithWebIdentity"}
MAY_BE_SIGNED = {operation for _, operation in (*all_reads(), *CREDENTIAL_OPERATIONS)}


def a_request() -> dict[str, Any]:
    headers: dict[str, str] = {}
    return {"method": "GET", "url": "https://example.org/", "headers": headers, "body": b"", "context": {}}


async def test_no_operation_but_reads_is_signed_and_none_for_somebody_else_to_send() -> None:
    session = sdk.Session(None, "eu-west-3", sdk.Terminal())
    await session.take_credentials()
    for service in SERVICES:
        async with session.client(service, "eu-west-3", None, sdk.Timeouts()) as client:
            signer = client._request_signer
            for operation in client.meta.service_model.operation_names:
                if operation not in WITHOUT_SIGNATURE:
                    with pytest.raises(NotAReadOperation):
                        await signer.generate_presigned_url(a_request(), operation)
                if operation not in MAY_BE_SIGNED:
                    with pytest.raises(NotAReadOperation):
                        await signer.sign(operation, create_request_object(a_request()))


async def test_whoever_asks_a_client_for_an_address_or_a_form_is_refused() -> None:
    session = sdk.Session(None, "eu-west-3", sdk.Terminal())
    await session.take_credentials()
    async with session.client("s3", "eu-west-3", None, sdk.Timeouts()) as client:
        for method in ("put_object", "get_object", "delete_object"):
            with pytest.raises(NotAReadOperation):
                await client.generate_presigned_url(method, Params={"Bucket": "logs", "Key": "x"})
        with pytest.raises(NotAReadOperation):
            await client.generate_presigned_post("logs", "x")
    async with session.client("sts", "eu-west-3", None, sdk.Timeouts()) as client:
        with pytest.raises(NotAReadOperation):
            await client.generate_presigned_url("get_caller_identity")

"""Find the operation of an HTTP request."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from tools.benchmarks.paged_aws.wire import Request

_SCOPE: Final = re.compile(rb"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_BUCKET: Final[Mapping[str, str]] = {
    "encryption": "GetBucketEncryption",
    "policy": "GetBucketPolicy",
    "location": "GetBucketLocation",
}


def understood(method: str, target: str, headers: Mapping[str, bytes], body: bytes) -> Request:
    """Return the operation: from its target, its action, or (S3) its path."""
    scope = _SCOPE.search(headers.get("authorization", b""))
    service = scope.group(1).decode() if scope else ""
    if "x-amz-target" in headers:
        operation = headers["x-amz-target"].decode().rpartition(".")[2]
        return Request(service, operation, json.loads(body or b"{}"))
    if service == "s3":
        path, query = urlsplit(target)[2:4]
        name = next((_BUCKET[key] for key, _ in parse_qsl(query, keep_blank_values=True) if key in _BUCKET), "")
        whole = "HeadBucket" if method == "HEAD" else "ListBuckets"
        return Request(service, name or whole, {"Bucket": path.strip("/")})
    asked = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return Request(service, asked.pop("Action", target), asked)

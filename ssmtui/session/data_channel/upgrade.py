"""The signature of the request that opens the data channel, as the plugin signs it since 1.2.764.0."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ssmtui.model.lending import LentCredentials

SERVICE = "ssmmessages"


def signed_headers(url: str, region: str, credentials: LentCredentials) -> dict[str, str]:
    """The headers by which the upgrade of `url` is signed; none where the URL is presigned already."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name.lower().startswith("x-amz-") for name, _ in query):
        return {}
    # A signature is about HTTP; given apart, the query is signed in its canonical form however it is written.
    plain = urlunsplit(("https" if parts.scheme == "wss" else "http", parts.netloc, parts.path, "", ""))
    request = AWSRequest(method="GET", url=plain, params=query)
    signer = SigV4Auth(Credentials(credentials.access_key, credentials.secret_key, credentials.token), SERVICE, region)
    signer.add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}

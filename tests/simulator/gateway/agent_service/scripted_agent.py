"""An agent that says what a test wants: it registers, reports, and speaks on its channels as AWS's agent does."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from websockets.sync.client import ClientConnection, connect

from ssmtui.simulator import gateway
from ssmtui.simulator.gateway.channel import Frame, packed, unpacked
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import administrator

REGION = "eu-west-3"
MESSAGES = f"ssmmessages.{REGION}.amazonaws.com"
PATIENCE = 20


@dataclass(frozen=True)
class Answer:
    """What AWS answered to a request."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def token(self) -> str:
        """The token of a channel."""
        return self.text.partition("<TokenValue>")[2].partition("</TokenValue>")[0]


class Channel:
    """A websocket of an agent."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def send(self, frame: Frame) -> None:
        self._socket.send(packed(frame))

    def next(self) -> Frame:
        message = self._socket.recv(timeout=PATIENCE)
        assert isinstance(message, bytes)
        return unpacked(message)

    def next_of(self, kind: str) -> Any:
        """The JSON of the next message of a type."""
        while (frame := self.next()).type != kind:
            pass
        return json.loads(frame.payload)

    def close(self) -> None:
        self._socket.close()


class ScriptedAgent:
    """A machine with an agent, registered by an activation with a role."""

    def __init__(self, aws: SimulatedAws, role: str, name: str = "till-1") -> None:
        self.aws = aws
        self.key = rsa.generate_private_key(65537, 2048)
        made = administrator(aws, "ssm").create_activation(IamRole=role, DefaultInstanceName=name)
        self.activation = {"ActivationId": made["ActivationId"], "ActivationCode": made["ActivationCode"]}
        self.id = str(self.register().json["InstanceId"])
        self.credentials: Credentials | None = None

    def register(self, **changes: str) -> Answer:
        given = {**self.activation, "PublicKey": self.public_key, "PublicKeyType": "Rsa", "Fingerprint": "f", **changes}
        return self._send(self._request("RegisterManagedInstance", given))

    @property
    def public_key(self) -> str:
        encoding = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(self.key.public_key().public_bytes(*encoding)).decode()

    def by_key(self, operation: str, **parameters: str) -> Answer:
        """A request that is signed with the node's own key."""
        request = self._request(operation, parameters)
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        request.headers["X-Amz-Date"] = request.context["timestamp"] = moment
        signer = SigV4Auth(Credentials(self.id, ""), "ssm", REGION)
        canonical = signer.canonical_request(request)
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        signed = self.key.sign(signer.string_to_sign(request, canonical).encode(), pss, hashes.SHA256())
        names = signer.signed_headers(signer.headers_to_sign(request))
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.id}/{moment[:8]}/{REGION}/ssm/aws4_request, "
            f"SignedHeaders={names}, Signature={base64.b64encode(signed).decode()}"
        )
        return self._send(request)

    def take_role(self) -> Answer:
        """Take the credentials of the node's role."""
        answer = self.by_key("RequestManagedInstanceRoleToken", Fingerprint="f")
        if answer.status == 200:
            given = answer.json
            self.credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return answer

    def by_role(self, operation: str, service: str = "ssm", **parameters: object) -> Answer:
        """A request that is signed with the role's credentials."""
        return self._send(self._signed(self._request(operation, parameters), service))

    def report(self) -> Answer:
        return self.by_role(
            "UpdateInstanceInformation",
            InstanceId=self.id,
            AgentVersion="3.3.4851.0",
            PlatformType="Linux",
            PlatformName="Debian GNU/Linux",
            PlatformVersion="13",
            ComputerName="till-1.example",
            IPAddress="192.0.2.7",
        )

    def ask_for_channel(self, kind: str, id_: str) -> Answer:
        """Ask for a token of a control or data channel."""
        body = json.dumps({"MessageSchemaVersion": "1.0", "RequestId": "r"})
        headers = {"Content-Type": "application/json", "Host": MESSAGES}
        return self._send(self._signed(AWSRequest("POST", self._url(kind, id_), headers, body), "ssmmessages"))

    @contextmanager
    def channel(self, kind: str, id_: str, token: str | None = None) -> Iterator[Channel]:
        """An open channel; its token is asked for if a test gives none."""
        told = {"MessageSchemaVersion": "1.0", "TokenValue": token or self.ask_for_channel(kind, id_).token}
        query = "role=subscribe&stream=input" if kind == "control" else "role=publish_subscribe"
        address = urlsplit(gateway.stream_url(""))
        url = f"ws://{address.netloc}/v1/{kind}-channel/{id_}?{query}"
        signed = self._signed(AWSRequest("GET", url, {"Host": MESSAGES}), "ssmmessages")
        headers = {name: value for name, value in signed.headers.items() if name != "Host"}
        with connect(url, additional_headers=headers, compression=None, proxy=None) as socket:
            socket.send(json.dumps(told))
            yield Channel(socket)

    def through_proxy(self, variables: Mapping[str, str], method: str, kind: str, query: str = "") -> int:
        """The status of a request for the node's channel to AWS's own host, as through a proxy of a company."""
        proxy = urlsplit(variables["HTTPS_PROXY"])
        trusting = ssl.create_default_context(cafile=variables["AWS_CA_BUNDLE"])
        through = HTTPSConnection(str(proxy.hostname), proxy.port, context=trusting, timeout=PATIENCE)
        through.set_tunnel(MESSAGES, 443)
        url = f"https://{MESSAGES}/v1/{kind}-channel/{self.id}{query}"
        signed = self._signed(
            AWSRequest(method, url, {"Host": MESSAGES}, "{}" if method == "POST" else ""), "ssmmessages"
        )
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        headers = {**dict(signed.headers.items()), **upgrade, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        try:
            through.request(method, f"/v1/{kind}-channel/{self.id}{query}", signed.body or None, headers)
            return through.getresponse().status
        finally:
            through.close()

    def _url(self, kind: str, id_: str) -> str:
        return f"{self.aws.endpoint_url}/v1/{kind}-channel/{id_}"

    def _request(self, operation: str, parameters: Mapping[str, object]) -> AWSRequest:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AmazonSSM.{operation}",
            "Host": urlsplit(self.aws.endpoint_url).netloc,
        }
        return AWSRequest("POST", f"{self.aws.endpoint_url}/", headers, json.dumps(parameters))

    def _signed(self, request: AWSRequest, service: str) -> AWSRequest:
        assert self.credentials is not None
        SigV4Auth(self.credentials, service, REGION).add_auth(request)
        return request

    def _send(self, request: AWSRequest) -> Answer:
        address = urlsplit(self.aws.endpoint_url)
        connection = HTTPConnection(str(address.hostname), address.port, timeout=PATIENCE)
        try:
            connection.request(
                str(request.method), urlsplit(request.url).path, request.body, dict(request.headers.items())
            )
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())
        finally:
            connection.close()

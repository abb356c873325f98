"""Register machines by an activation, and give their agents the credentials of the activation's role."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.stored_policies import find_role, trusts
from ssmtui.simulator.call import AwsError, Result
from ssmtui.simulator.node_state.registration import NodeIdentity

_LASTS: Final = timedelta(hours=1)
_ID_DIGITS: Final = 17


@dataclass(frozen=True, slots=True)
class RegisteredNode:
    """A hybrid node with a real agent, in its account and Region."""

    account: str
    region: str
    node: state.HybridNode

    @property
    def id(self) -> str:
        """The id of the node."""
        return self.node.node_id

    @property
    def hidden(self) -> state.HiddenState:
        """The hidden state of the node's account and Region."""
        return state.hidden(self.account, self.region)

    def identity(self) -> NodeIdentity:
        """Return the role session with which the agent calls AWS. Raises AwsError without a role that trusts it."""
        role = find_role(self.account, self.region, self.node.iam_role)
        if role is None or not trusts(role, "ssm.amazonaws.com"):
            raise AwsError("AccessDeniedException", f"Systems Manager cannot assume the role {self.node.iam_role}.")
        return NodeIdentity.of(role, self.id, self.region)

    def update_agent(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of state.Agent
        """Change what Systems Manager knows of the agent, unless its world is gone."""
        if self.id in self.hidden.hybrid_nodes:
            self.hidden.agents[self.id] = replace(state.agent(self.account, self.region, self.id), **changes)


def find_registered(node_id: str) -> RegisteredNode | None:
    """Return the node of that id if its agent is a real one."""
    for (account, region), hidden in tuple(state.shared.hidden.items()):
        node = hidden.hybrid_nodes.get(node_id)
        if node is not None and node.public_key:
            return RegisteredNode(account, region, node)
    return None


def register(parameters: Mapping[str, Any]) -> Result:
    """Register a machine by an activation, and return the id of the new node. Raises AwsError."""
    account, region, activation = _activation(
        str(parameters.get("ActivationId")), str(parameters.get("ActivationCode"))
    )
    if activation.expires_at <= state.now() or activation.registrations >= activation.registration_limit:
        raise AwsError("InvalidActivation", "The activation has expired, or its limit of registrations is reached.")
    public_key = str(parameters.get("PublicKey", ""))
    _loaded(public_key)
    node_id = f"mi-{secrets.token_hex(9)[:_ID_DIGITS]}"
    hidden = state.hidden(account, region)
    hidden.activations[activation.activation_id] = replace(activation, registrations=activation.registrations + 1)
    hidden.hybrid_nodes[node_id] = state.HybridNode(
        node_id=node_id,
        name=activation.node_name or node_id,
        iam_role=activation.iam_role,
        ip_address="",
        activation_id=activation.activation_id,
        registered_at=state.now(),
        source_id=node_id,
        public_key=public_key,
    )
    hidden.agents[node_id] = replace(state.NO_AGENT, installed=True, registered_before=True, channel_stuck=True)
    state.mark_changed()
    return {"InstanceId": node_id}


def role_token(registered: RegisteredNode) -> Result:
    """Return an hour's credentials of the node's role. Raises AwsError if Systems Manager cannot assume the role."""
    holder = registered.identity().principal.caller_arn
    access_key, token = f"ASIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(60)
    ends_at = state.now() + _LASTS
    state.give_access_key(access_key, holder)
    state.shared.issued_tokens.add(token)
    state.shared.role_session_ends[access_key] = ends_at
    return {
        "AccessKeyId": access_key,
        "SecretAccessKey": secrets.token_urlsafe(30),
        "SessionToken": token,
        "TokenExpirationDate": int(ends_at.timestamp()),
        "UpdateKeyPair": False,
    }


def replace_key(registered: RegisteredNode, parameters: Mapping[str, Any]) -> Result:
    """Replace the public key of a node. Raises AwsError if it is not a key."""
    public_key = str(parameters.get("NewPublicKey", ""))
    _loaded(public_key)
    registered.hidden.hybrid_nodes[registered.id] = replace(registered.node, public_key=public_key)
    return {}


def _activation(id_: str, code: str) -> tuple[str, str, state.Activation]:
    for (account, region), hidden in tuple(state.shared.hidden.items()):
        found = hidden.activations.get(id_)
        if found is not None and found.code and secrets.compare_digest(found.code.encode(), code.encode()):
            return account, region, found
    raise AwsError("InvalidActivation", "The activation ID or the activation code isn't valid.")


def _loaded(public_key: str) -> RSAPublicKey:
    try:
        key = serialization.load_der_public_key(base64.b64decode(public_key, validate=True))
    except (binascii.Error, ValueError) as error:
        raise AwsError("ValidationException", "The public key could not be read.") from error
    if not isinstance(key, RSAPublicKey):
        raise AwsError("ValidationException", "The public key is not an RSA key.")
    return key


_SIGNED: Final = re.compile(
    r"Credential=(?P<node>[^/\s,]+)/(?P<day>\d{8})/(?P<region>[^/]+)/ssm/aws4_request, "
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[A-Za-z0-9+/=]+)",
    re.ASCII,
)
_PSS: Final = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)


def signer_of(environ: Mapping[str, Any], body: bytes) -> RegisteredNode:
    """Return the node that signed a request with its own key. Raises AwsError if no node did.

    The signature is SigV4's, except that RSA-PSS takes the place of HMAC. [AGENT:agent/ssm/rsaauth/ssm_rsaV4.go]
    """
    signed = _SIGNED.search(str(environ.get("HTTP_AUTHORIZATION", "")))
    registered = find_registered(signed["node"]) if signed is not None else None
    if signed is None or registered is None or signed["region"] != registered.region:
        raise AwsError("InvalidInstanceId", "The request is not signed by a registered node.")
    try:
        _loaded(registered.node.public_key).verify(
            base64.b64decode(signed["signature"], validate=True),
            _string_to_sign(environ, body, signed).encode(),
            _PSS,
            hashes.SHA256(),
        )
    except (InvalidSignature, binascii.Error) as error:
        raise AwsError("InvalidSignatureException", "The signature does not match the key of the node.", 403) from error
    return registered


def _string_to_sign(environ: Mapping[str, Any], body: bytes, signed: re.Match[str]) -> str:
    headers = {name: _header(environ, name) for name in signed["headers"].split(";")}
    request = AWSRequest(environ["REQUEST_METHOD"], f"http://signed{environ['PATH_INFO']}", headers, body)
    request.context["timestamp"] = headers.get("x-amz-date", "")
    signer = SigV4Auth(Credentials(signed["node"], ""), "ssm", signed["region"])
    return str(signer.string_to_sign(request, signer.canonical_request(request)))


def _header(environ: Mapping[str, Any], name: str) -> str:
    variable = name.upper().replace("-", "_")
    plain = variable in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    return str(environ.get(variable if plain else f"HTTP_{variable}", ""))

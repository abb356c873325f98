"""`steps-trust-certificate`: what inspects TLS leaves Systems Manager out, or the node trusts who signs there."""

from __future__ import annotations

from ssmtui.fixes.frame.restarting_agent import RESTART_BY_HAND
from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.node import Node, PlatformFamily
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word

_SLUG = "steps-trust-certificate"

_LOOK = marked("On the node, look who has signed the certificate that it is shown.")
_EXEMPT = marked("If that is not Amazon, leave these names out of the inspection of TLS, in the proxy or the firewall.")
_TRUST = marked("Or give the node the authority that signs there, whose certificate is in CA_FILE.")
_UPDATE = marked("If it is Amazon, the node's own list of authorities is empty or old: bring it up to date.")
_RESTART = marked("Restart SSM Agent, which reads the list when it starts.")

_LOOKS = {
    PlatformFamily.WINDOWS: (
        "$Client = [Net.Sockets.TcpClient]::new('{host}', 443)\n"
        "$Shown = [Net.Security.SslStream]::new($Client.GetStream(), $false, {{ $true }})\n"
        "$Shown.AuthenticateAsClient('{host}')\n"
        "$Shown.RemoteCertificate.Issuer"
    ),
}
_TRUSTS = {
    PlatformFamily.WINDOWS: r"Import-Certificate -FilePath CA_FILE -CertStoreLocation Cert:\LocalMachine\Root",
    PlatformFamily.MACOS: (
        "sudo security add-trusted-cert -d -r trustRoot \\\n  -k /Library/Keychains/System.keychain CA_FILE"
    ),
}
_UPDATES = {
    PlatformFamily.WINDOWS: (
        "certutil.exe -generateSSTFromWU roots.sst\n"
        r"Import-Certificate -FilePath roots.sst -CertStoreLocation Cert:\LocalMachine\Root"
    ),
    PlatformFamily.MACOS: "",  # it comes with the system's own updates
}
_LOOK_BY_OPENSSL = "openssl s_client -connect {host}:443 \\\n  </dev/null | openssl x509 -noout -issuer -dates"
_LINUX_TRUST = (
    "# Amazon Linux, Red Hat\n"
    "sudo cp CA_FILE /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust\n"
    "# Ubuntu, Debian\n"
    "sudo cp CA_FILE /usr/local/share/ca-certificates/ && sudo update-ca-certificates"
)
_LINUX_UPDATE = (
    "# Amazon Linux, Red Hat\n"
    "sudo yum install -y ca-certificates && sudo update-ca-trust\n"
    "# Ubuntu, Debian\n"
    "sudo apt-get install -y ca-certificates && sudo update-ca-certificates"
)


@by_hand(_SLUG)
def trust_certificate(scope: Scope, node: Node) -> Steps | NotApplicable:
    """Look, exempt, or trust."""
    domain = f"{word(scope.region, 'REGION')}.{word(scope.dns_suffix, 'amazonaws.com')}"
    names = "\n".join(f"{service}.{domain}" for service in ("ssm", "ssmmessages", "ec2messages"))
    family = node.platform_family or PlatformFamily.LINUX
    form = Form.POWERSHELL if family is PlatformFamily.WINDOWS else Form.SHELL
    update = _UPDATES.get(family, _LINUX_UPDATE)
    steps = (
        Step(say(_LOOK), _LOOKS.get(family, _LOOK_BY_OPENSSL).format(host=f"ssm.{domain}"), form),
        Step(say(_EXEMPT), names, Form.TEXT),
        Step(say(_TRUST), _TRUSTS.get(family, _LINUX_TRUST), form),
        *((Step(say(_UPDATE), update, form),) if update else ()),
        Step(say(_RESTART), *RESTART_BY_HAND[family]),
    )
    return Steps(_SLUG, say("Have {node} trust the endpoint's certificate", node=node.name), steps)

"""The programs whose failure texts are in the tables, at which commit, and which of their files."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.failure_texts.found_text import FoundText
from tools.failure_texts.go_source import go_texts
from tools.failure_texts.python_source import python_texts
from tools.failure_texts.quoted_source import (
    SERVICES,
    c_texts,
    go_library_texts,
    javascript_texts,
    model_texts,
    property_texts,
    shell_texts,
    systemd_texts,
    typescript_texts,
)

Reader = Callable[[Mapping[str, str]], Iterator[FoundText]]

_OF_TESTS = (
    r"_test\.|(?:^|/)(?:tests?|mocks?|mock|testdata|integration|examples|(?<!^agent/)vendor(?!/src/))/|/test_"
    r"|\.spec\."
)


@dataclass(frozen=True, slots=True)
class Program:
    """A program at one commit. `files` matches the paths that are read.

    Of an old version, only the texts are listed that `newer` and its own newer versions do not have.
    """

    name: str
    repository: str
    version: str
    commit: str
    read: Reader
    files: str
    newer: str = ""


_AGENT_FILES = r"^(?:agent|core|common)/.*\.go$"
_PLUGIN_FILES = r"^src/(?!log/test_log|version/versiongenerator).*\.go$"
PROGRAMS: Sequence[Program] = (
    Program(
        "amazon-ssm-agent",
        "aws/amazon-ssm-agent",
        "3.3.1142.0",
        "1c217c89b42de51d4f4063363d8ec1f2eef56055",
        go_texts,
        _AGENT_FILES,
    ),
    *(
        Program(name, "aws/amazon-ssm-agent", version, version, go_texts, _AGENT_FILES, newer)
        for name, version, newer in (
            ("amazon-ssm-agent-3.2", "3.2.2303.0", "amazon-ssm-agent"),
            ("amazon-ssm-agent-3.1", "3.1.1927.0", "amazon-ssm-agent-3.2"),
            ("amazon-ssm-agent-3.0", "3.0.1390.0", "amazon-ssm-agent-3.1"),
            ("amazon-ssm-agent-2.3", "2.3.1644.0", "amazon-ssm-agent-3.0"),
            # The first version with Session Manager.
            ("amazon-ssm-agent-2.3.68", "2.3.68.0", "amazon-ssm-agent-2.3"),
        )
    ),
    Program(
        "session-manager-plugin",
        "aws/session-manager-plugin",
        "1.2.677.0",
        "61cf1288c7c66b4cbff922b7ed8a6604b3a3c2ea",
        go_texts,
        _PLUGIN_FILES,
    ),
    Program(
        "session-manager-plugin-1.2.205",
        "aws/session-manager-plugin",
        "1.2.205.0",
        "1.2.205.0",
        go_texts,
        _PLUGIN_FILES,
        "session-manager-plugin",
    ),
    Program(
        "botocore",
        "boto/botocore",
        "1.43.67",
        "0e6e2404b85dc336dd2889814e089bde7d1a4c55",
        python_texts,
        r"^botocore/(?:auth|awsrequest|client|configloader|configprovider|credentials|discovery|endpoint|endpoint_provider"
        r"|exceptions|httpsession|session|signers|tokens|utils)\.py$",
    ),
    Program(
        "service-models",
        "boto/botocore",
        "1.43.67",
        "0e6e2404b85dc336dd2889814e089bde7d1a4c55",
        model_texts,
        rf"^botocore/data/(?:{'|'.join(sorted(SERVICES))})/[\d-]+/service-2\.json$",
    ),
    Program(
        "aws-cli-1",
        "aws/aws-cli",
        "1.45.55",
        "07c4fe366",
        python_texts,
        r"^awscli/(?:clidriver|errorhandler|argparser|customizations/(?:sessionmanager|ecs/executecommand"
        r"|ec2instanceconnect/\w+))\.py$",
    ),
    Program(
        "aws-cli-2",
        "aws/aws-cli",
        "2.36.7",
        "2.36.7",
        python_texts,
        r"^awscli/(?:clidriver|errorhandler|errorformat|argparser|botocore/(?:exceptions|credentials|tokens)"
        r"|customizations/(?:exceptions|sessionmanager|ecs/executecommand|(?:ec2instanceconnect|login|sso)/\w+))\.py$",
    ),
    Program(
        "amazon-ecs-agent",
        "aws/amazon-ecs-agent",
        "1.105.0",
        "8dfceca6cf380a83c3007349317566f2862f0673",
        go_texts,
        r"^agent/engine/execcmd/.*\.go$|^ecs-agent/.*/(?:exec|execcmd)\w*/.*\.go$",
    ),
    Program(
        "ecs-exec-checker",
        "aws-containers/amazon-ecs-exec-checker",
        "0.7",
        "b31bb8c65f76d580f94d314ac202ae92052e57ee",
        shell_texts,
        r"\.sh$",
    ),
    Program(
        "aws-toolkit-vscode",
        "aws/aws-toolkit-vscode",
        "2026-07-24",
        "bc7a5e84eec5bb66a53d3c206b285686065a5130",
        typescript_texts,
        r"^packages/core/src/(?:shared/(?:remoteSession|clients/ssm|extensions/ssh|sshConfig)|awsService/(?:ec2|ecs)/(?:\w+/)?\w+)\.ts$",
    ),
    Program(
        "aws-toolkit-jetbrains",
        "aws/aws-toolkit-jetbrains",
        "2026-07-24",
        "f23c2144a80b52bf5c8138eec6c01219ff2f8bc8",
        property_texts,
        r"^plugins/core/resources/resources/software/aws/toolkits/resources/MessagesBundle\.properties$",
    ),
    Program(
        "copilot-cli",
        "aws/copilot-cli",
        "1.33.2",
        "4c858e718bc88449e29540993d8496ac81d7b419",
        go_texts,
        r"^internal/pkg/(?:exec|aws/(?:ssm|sessions|ecs))/.*\.go$|^internal/pkg/cli/\w*exec\.go$",
    ),
    Program(
        "aws-vault",
        "99designs/aws-vault",
        "7.2.0",
        "e22aea12b03e8ce036e9af87dda9303806fa2a9e",
        go_texts,
        r"^(?:cli|vault|server)/.*\.go$",
    ),
    Program(
        "saml2aws",
        "Versent/saml2aws",
        "2.36.19",
        "65195ee65d15f68a7a12da97876f6efbb8618cca",
        go_texts,
        r"^(?:\w+|cmd/saml2aws/commands/\w+|pkg/(?:awsconfig|cfg|creds|shell|samlcache|flags)/\w+)\.go$",
    ),
    Program(
        "granted",
        "common-fate/granted",
        "0.38.0",
        "e504d8bc2eed5f1b054fe1f0727c71a97576a5df",
        go_texts,
        r"^pkg/(?:assume|cfaws|idclogin|securestorage)/.*\.go$",
    ),
    Program(
        "packer-plugin-amazon",
        "hashicorp/packer-plugin-amazon",
        "1.7.0",
        "5028903a63216243753d3b0285cddde196db627c",
        go_texts,
        r"^(?:builder/)?common/(?:ssm/\w+|step_create_ssm_tunnel|ssm_driver)\.go$",
    ),
    Program(
        "ansible-amazon-aws",
        "ansible-collections/amazon.aws",
        "12.0.0-dev",
        "59c5d27936c40b2d435b3c84db9796516e0e15e0",
        python_texts,
        r"^plugins/(?:connection/aws_ssm|plugin_utils/ssm/\w+)\.py$",
    ),
    Program(
        "aws-gate",
        "xen0l/aws-gate",
        "0.11.3",
        "52f7281af2805e28d44ee3906b14d48acb5201fb",
        python_texts,
        r"^aws_gate/\w+\.py$",
    ),
    Program(
        "ssm-session-client",
        "mmmorris1975/ssm-session-client",
        "0.404.3",
        "bea845f59f111857ff886e1195c4715b3b33795b",
        go_texts,
        r"^\w+/.*\.go$",
    ),
    Program(
        "openssh",
        "openssh/openssh-portable",
        "10.5",
        "0ef0f5a839831c213f24e3f2ae434765c607fb50",
        c_texts,
        r"^(?:sshconnect|kex|packet|clientloop|ssherr)\.c$",
    ),
    Program(
        "aws-sdk-go",
        "aws/session-manager-plugin",
        "1.54.10",
        "61cf1288c7c66b4cbff922b7ed8a6604b3a3c2ea",
        go_texts,
        r"^vendor/src/github\.com/aws/aws-sdk-go/aws/(?:credentials|ec2metadata|request|session|signer/v4|endpoints|defaults|corehandlers)/"
        r".*\.go$",
    ),
    Program(
        "gorilla-websocket",
        "aws/session-manager-plugin",
        "1.2.677.0",
        "61cf1288c7c66b4cbff922b7ed8a6604b3a3c2ea",
        go_texts,
        r"^vendor/src/github\.com/(?:gorilla/websocket|xtaci/smux)/\w+\.go$",
    ),
    Program(
        "aws-sdk-go-2",
        "aws/amazon-ecs-agent",
        "1.32.23",
        "8dfceca6cf380a83c3007349317566f2862f0673",
        go_texts,
        r"^agent/vendor/github\.com/aws/aws-sdk-go-v2/(?:config|credentials|feature/ec2/imds|aws/(?:retry|signer/v4))/.*\.go$",
    ),
    Program(
        "aws-sdk-js-2",
        "aws/aws-sdk-js",
        "2.1692.0",
        "657d6feb00447c8be1d65158a0ecc0585b70ed60",
        javascript_texts,
        r"^lib/(?:credentials/\w+|token/\w+|metadata_service|event_listeners|config|http/node)\.js$",
    ),
    Program(
        "go-standard-library",
        "golang/go",
        "1.24.4",
        "go1.24.4",
        go_library_texts,
        r"^src/(?:crypto/x509/verify|syscall/zerrors_linux_amd64|net/(?:net|dial|dnsclient_unix)|net/http/(?:transport|client))\.go$",
    ),
    Program(
        "systemd",
        "systemd/systemd-stable",
        "255.13",
        "v255.13",
        systemd_texts,
        r"^src/(?:core/(?:service|unit|job|execute|exec-invoke|dbus-unit|transaction)|shared/(?:install|bus-wait-for-jobs)"
        r"|systemctl/systemctl-(?:start-unit|enable))\.c$",
    ),
    Program(
        "snapd",
        "canonical/snapd",
        "2.77",
        "bee548f7470643ffd5c94a75797a6cef83e29ff6",
        go_texts,
        r"^(?:daemon/(?:errors|api_apps)|snap/errors|systemd/systemd|wrappers/services"
        r"|overlord/servicestate/(?:service_control|servicestate|helpers)|cmd/snapd/cli/(?:error|cmd_services|cmd_snap_op))\.go$",
    ),
    Program(
        "cloud-init",
        "canonical/cloud-init",
        "26.2",
        "04eacd06ee60de9dbb9e7be784be20dab7342c1a",
        python_texts,
        r"^cloudinit/(?:config/(?:cc_(?:package_update_upgrade_install|runcmd|scripts_user|snap)|modules)|subp"
        r"|distros/__init__|distros/package_management/\w+)\.py$",
    ),
    Program(
        "gossm",
        "gjbae1212/gossm",
        "1.5.0",
        "69577c1813be5fc0feebf84bb9b11d04018f505f",
        go_texts,
        r"^(?:cmd|internal)/\w+\.go$",
    ),
    Program(
        "aws-ssm-tools",
        "mludvig/aws-ssm-tools",
        "2.2.1",
        "9ffeb83596a0b0e8ded4562efb1337a45649f2c8",
        python_texts,
        r"^ssm_tools/\w+\.py$",
    ),
    Program(
        "ssm-helpers",
        "disneystreaming/ssm-helpers",
        "1.2.0",
        "1e432245585a4d032950673b7cb8b57b19797459",
        go_texts,
        r"^(?:aws|cmd|ec2|ssm|util)/.*\.go$",
    ),
    Program(
        "ec2-instance-connect-cli",
        "aws/aws-ec2-instance-connect-cli",
        "1.0.3",
        "536a3e6ab02cfe62ddff7dcfaece279e67573fd7",
        python_texts,
        r"^ec2instanceconnectcli/\w+\.py$",
    ),
    Program(
        "awsume",
        "trek10inc/awsume",
        "4.5.5",
        "2597f003ca1976604f87cafc13fbea505de5d1ed",
        python_texts,
        r"^awsume/awsumepy/.*\.py$",
    ),
    Program(
        "leapp",
        "Noovolari/leapp",
        "0.26.1",
        "663d61903ad331bdffadfcb21839d16efeb57ca6",
        typescript_texts,
        r"^packages/(?:cli/src/commands/session/start-ssm-session"
        r"|core/src/(?:errors/.*|services/(?:ssm-service|aws\S*|integration/aws\S*|session/aws/.*)))\.ts$",
    ),
    Program(
        "basti",
        "basti-app/basti",
        "2026-06-11",
        "e9a76762e6b503f35ab4049568dae6533ae149ee",
        typescript_texts,
        r"^packages/basti/src/(?:aws/(?:ssm|common)|bastion|connect|session|cli/commands/connect)/.*\.ts$",
    ),
    Program(
        "opentofu",
        "opentofu/opentofu",
        "2026-08-22",
        "f831fa1aa4b90cdbdb1e0b5a8d5815f9e74646a5",
        go_texts,
        r"^internal/communicator/(?:communicator|remote/command|shared/shared|ssh/\w+)\.go$",
    ),
)


class Missing(LookupError):
    """The sources of a program are not at hand."""


def files_of(program: Program, mirrors: Path) -> Mapping[str, str]:
    """Return the files of a program by path, from its git directory below `mirrors`. Raises Missing."""
    folder = mirrors / program.repository.replace("/", "+") / "repo"
    if not folder.is_dir():
        raise Missing(program.repository)
    names = _git(folder, "ls-tree", "-r", "--name-only", program.commit).splitlines()
    wanted = [name for name in names if re.search(program.files, name) and not re.search(_OF_TESTS, name)]
    return {name: _git(folder, "show", f"{program.commit}:{name}") for name in wanted}


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", f"--git-dir={folder}", *words], capture_output=True, check=True)  # noqa: S607
    return done.stdout.decode("utf-8", errors="replace")

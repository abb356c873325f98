"""How a person restarts SSM Agent on a node, by its system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ssmtui.model.node import PlatformFamily
from ssmtui.model.steps import Form

RESTART_BY_HAND: Final[Mapping[PlatformFamily, tuple[str, Form]]] = {
    PlatformFamily.LINUX: ("sudo systemctl restart amazon-ssm-agent || sudo snap restart amazon-ssm-agent", Form.SHELL),
    PlatformFamily.MACOS: ("sudo launchctl kickstart -k system/com.amazon.aws.ssm", Form.SHELL),
    PlatformFamily.WINDOWS: ("Restart-Service AmazonSSMAgent", Form.POWERSHELL),
}

"""Find the agent and the plugin of AWS, or build them from their source trees."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ssmtui.simulator.real_node.programs import MissingError, find_agent

PLUGIN_PROGRAM: Final = "session-manager-plugin"
_AGENT_PACKAGES: Final = {
    "amazon-ssm-agent": "./core/",
    "ssm-agent-worker": "./agent/",
    "ssm-session-worker": "./agent/framework/processor/executer/outofproc/sessionworker",
}
_PLUGIN_IMPORTS: Final = "github.com/aws/session-manager-plugin/src"
_BUILT: Final = Path("build") / "real-node"


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder of the agent's programs, and the plugin (None if there is none)."""

    agent: Path
    plugin: Path | None

    @classmethod
    def found(cls, variables: Mapping[str, str]) -> Programs:
        """Return the programs that the variables name, that are built from the named sources, or that are installed.

        `AGENT` and `PLUGIN` are folders or files, `AGENT_SOURCE` and `PLUGIN_SOURCE` are source trees. Raises
        MissingError without an agent.
        """
        return cls(_agent(variables), _plugin(variables))


def _run(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    try:
        subprocess.run(words, cwd=folder, env=environment, check=True)
    except subprocess.CalledProcessError as error:
        raise MissingError(f"{' '.join(words)} failed in {folder}.") from error


def _agent(variables: Mapping[str, str]) -> Path:
    if variables.get("AGENT_SOURCE"):
        return _built_agent(Path(variables["AGENT_SOURCE"]))
    named = variables.get("AGENT", "")
    return find_agent(_folder_of(Path(named)) if named else None)


def _plugin(variables: Mapping[str, str]) -> Path | None:
    if variables.get("PLUGIN_SOURCE"):
        return _built_plugin(Path(variables["PLUGIN_SOURCE"]))
    named = variables.get("PLUGIN", "")
    if named:
        plugin = _folder_of(Path(named)) / PLUGIN_PROGRAM
        if not plugin.is_file():
            raise MissingError(f"The plugin {plugin} does not exist.")
        return plugin
    installed = shutil.which(PLUGIN_PROGRAM, path=variables.get("PATH"))
    return Path(installed) if installed else None


def _folder_of(named: Path) -> Path:
    return named.resolve() if named.is_dir() else named.resolve().parent


def _built_agent(source: Path) -> Path:
    folder = (_BUILT / "agent").resolve()
    for program, package in _AGENT_PACKAGES.items():
        _build(source, folder / program, package, {"GOFLAGS": "-mod=vendor"})
    return folder


def _built_plugin(source: Path) -> Path:
    """Build the plugin. It is of the time before Go's modules: its packages are found by where they are."""
    plugin, workspace = (_BUILT / "plugin" / PLUGIN_PROGRAM).resolve(), (_BUILT / "workspace").resolve()
    shutil.rmtree(workspace, ignore_errors=True)
    shutil.copytree(source / "src", workspace / "src" / _PLUGIN_IMPORTS)
    settings = {"GO111MODULE": "off", "CGO_ENABLED": "0"}
    settings["GOPATH"] = os.pathsep.join((str(workspace), str(source.resolve() / "vendor")))
    _build(source, plugin, f"{_PLUGIN_IMPORTS}/sessionmanagerplugin-main", settings)
    return plugin


def _build(source: Path, target: Path, package: str, settings: Mapping[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # The tree is complete: nothing is fetched.
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOPROXY": "off", **settings}
    go = shutil.which("go")
    if go is None:
        raise MissingError("Go is not installed.")
    _run((go, "build", "-o", str(target), package), source, environment)

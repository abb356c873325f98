"""`ssmtui info`: versions, folders, all settings with their sources, and SSH files of an earlier version."""

from __future__ import annotations

import os
import platform
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from glob import iglob
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path

from ssmtui import __version__
from ssmtui.cli.errors import UsageError
from ssmtui.cli.printing import print_data, print_json, print_lines
from ssmtui.cli.run import asked_settings, config_file
from ssmtui.config.declared_settings import SETTINGS
from ssmtui.config.file import example_lines
from ssmtui.config.private_files import Folders, folders
from ssmtui.config.setting_types import Setting, SettingLayer, SettingOrigin, SettingValue, as_json, format_toml_value
from ssmtui.config.settings import Settings
from ssmtui.language import say, translatable
from ssmtui.report.exit_code import ExitCode
from ssmtui.report.ssh_configuration import DOCUMENT
from ssmtui.text.printable import printable, without_password

_MOST_BYTES = 8_000_000
_MOST_FILES = 200
_PROXY = re.compile(
    rf"\s*ProxyCommand[\s=]+(?P<program>.*\S)\s+connect\s+m?i-[0-9a-f]{{8,32}}\s.*--document-name\s+{DOCUMENT}\b",
    re.IGNORECASE,
)
_INCLUDE = re.compile(r"\s*Include[\s=]+(?P<files>.+)", re.IGNORECASE)
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_AS_MODULE = re.compile(r"\s-m ssmtui$")
_WITHOUT_DIRECTORY = re.compile(r"\s-[A-Za-z]*[PI][A-Za-z]*\s")


def old_ssh_files(home: Path) -> list[Path]:
    """Return the person's SSH configuration files that contain such a line."""
    return [file for file, text in islice(_configuration(home / ".ssh"), _MOST_FILES) if _is_old(text)]


def old_file_sentence(file: Path) -> str:
    """Return the message about such a file."""
    return say(
        "{file}: an earlier version of ssmtui wrote these ProxyCommand lines. They can run a program from the "
        "directory in which you call ssh. Replace them with the output of: ssmtui ssh-config",
        file=file,
    )


def _is_old(text: str) -> bool:
    for found in filter(None, map(_PROXY.match, text.splitlines())):
        program = found["program"].strip('"')
        if program == "ssmtui":
            return True
        if _AS_MODULE.search(program) and not _WITHOUT_DIRECTORY.search(program):
            return True
    return False


def _configuration(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that ssh reads, and the file that ssmtui's header suggests, each once."""
    waiting, seen = [folder / "config", folder / "ssmtui.conf"], set[Path]()
    while waiting:
        file = waiting.pop(0)
        text = _text(file)
        if file in seen or text is None:
            continue
        seen.add(file)
        yield file, text
        for line in filter(None, map(_INCLUDE.match, text.splitlines())):
            for quoted, plain in _WORD.findall(line["files"]):
                waiting += islice(_included(quoted or plain, folder), _MOST_FILES)


def _included(pattern: str, folder: Path) -> Iterator[Path]:
    """Return the files of one word of Include (ssh_config(5)); relative ones are in `folder`."""
    beneath = folder.parent / pattern[2:] if pattern.startswith("~/") else folder / pattern
    return map(Path, iglob(str(beneath)))  # noqa: PTH207 - Path.glob takes no absolute pattern


def _text(file: Path) -> str | None:
    """Return a file's text; None if it cannot be read or is not a regular file (reading a pipe would block)."""
    try:
        known = file.stat()
        if not stat.S_ISREG(known.st_mode) or known.st_size > _MOST_BYTES:
            return None
        return file.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return None


_LIBRARIES = ("textual", "aiobotocore", "boto3", "botocore", "moto")

_LAYERS = {
    SettingLayer.DEFAULT: translatable("default"),
    SettingLayer.FILE: translatable("file"),
    SettingLayer.ENVIRONMENT: translatable("environment"),
    SettingLayer.OPTION: translatable("option"),
}


@dataclass(frozen=True, slots=True)
class Information:
    """The output of `info`: the settings in force (defaults if the configuration is invalid), and the file's path."""

    config_file: Path
    settings: Settings

    @property
    def where(self) -> Folders:
        """Return the folders of ssmtui's files."""
        return folders()

    @property
    def old_ssh_files(self) -> list[Path]:
        """Return the SSH configuration files that an earlier version wrote."""
        return old_ssh_files(Path.home())

    def lines(self) -> Iterator[str]:
        """Yield the lines for people."""
        yield f"ssmtui         {__version__}"
        yield f"Python         {platform.python_version()}"
        for library in _LIBRARIES:
            yield f"{library:<14} {_version(library) or say('not installed')}"
        is_there = os.path.isfile(self.config_file)  # noqa: PTH113 - Path's own raises for a long one
        missing = "" if is_there else " " + say("(does not exist)")
        yield f"configuration  {self.config_file}{missing}"
        yield f"themes         {self.where.themes}"
        yield f"journal        {self.where.journal}"
        yield f"state          {self.where.state}"
        yield f"cache          {self.where.cache}"
        for file in self.old_ssh_files:
            yield f"ssh            {old_file_sentence(file)}"
        yield ""
        yield from _setting_lines("", {each: self.settings.in_force(each) for each in SETTINGS})
        for table, named in self.settings.some.items():
            for each in named:
                yield ""
                yield f"[{table.value}.{format_toml_value(each.name)}]"
                yield from _setting_lines("  ", {one: each.told[one.name] for one in SETTINGS if one.name in each.told})

    def document(self) -> Mapping[str, object]:
        """Return the document for programs."""
        return {
            "schema": "ssmtui.info/1",
            "ssmtui": __version__,
            "python": platform.python_version(),
            "libraries": {name: _version(name) for name in _LIBRARIES},
            "folders": {
                "configuration": str(self.config_file),
                "themes": str(self.where.themes),
                "journal": str(self.where.journal),
                "state": str(self.where.state),
                "cache": str(self.where.cache),
            },
            "old_ssh_files": [str(each) for each in self.old_ssh_files],
            "settings": {each.name: _as_document(each, self.settings.in_force(each)) for each in SETTINGS},
            **{
                table.value: {
                    each.name: {
                        one.name: _as_document(one, each.told[one.name]) for one in SETTINGS if one.name in each.told
                    }
                    for each in named
                }
                for table, named in self.settings.some.items()
            },
        }


def show_information(common: Mapping[str, object], listing_format: str) -> ExitCode:
    """Print the information. If the configuration is invalid, print the rest, then the error.

    Raises:
        UsageError: the configuration is invalid.

    """
    wrong: UsageError | None = None
    try:
        settings = asked_settings(common)
    except UsageError as error:
        settings, wrong = Settings(), error
    told = Information(config_file(common), settings)
    if listing_format == "json":
        print_json(told.document())
    else:
        print_lines(told.lines())
    if wrong is not None:
        raise wrong
    return ExitCode.DONE


def show_example() -> ExitCode:
    """Print an example configuration file in which every setting is a comment."""
    print_data("".join(f"{line}\n" for line in example_lines()))
    return ExitCode.DONE


def _setting_lines(indent: str, told: Mapping[Setting[object], SettingValue[object]]) -> Iterator[str]:
    rows = [(setting.name, _value(setting, each), _origin_text(each.origin)) for setting, each in told.items()]
    wide = max((len(value) for _, value, _ in rows if len(value) <= 40), default=0)
    for name, value, origin in rows:
        yield f"{indent}{name:<14} {value:<{wide}}  {origin}".rstrip()


def _value(setting: Setting[object], told: SettingValue[object]) -> str:
    if told.shown:
        return printable(without_password(told.shown))
    if setting.is_private and told.value is not None:
        return say("(not shown)")
    return "-" if told.value in (None, (), {}) else without_password(format_toml_value(told.value))


def _origin_text(origin: SettingOrigin) -> str:
    return printable(origin.name) or say(_LAYERS[origin.layer])


def _as_document(setting: Setting[object], told: SettingValue[object]) -> Mapping[str, object]:
    value = None if setting.is_private else told.shown or as_json(told.value)
    if isinstance(value, str):
        value = without_password(value)
    return {"value": value, "layer": told.origin.layer.value, "from": told.origin.name or None}


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None

"""The user's AWS configuration files: profiles, prompts, and changes to the files. Contains no secrets."""

from __future__ import annotations

import configparser
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_WANTED = frozenset(
    {
        "credential_process",
        "login_session",
        "mfa_serial",
        "region",
        "role_arn",
        "source_profile",
        "sso_account_id",
        "sso_session",
        "sso_start_url",
        "web_identity_token_file",
    }
)


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of the AWS configuration and credentials files, by name, without their keys."""

    by_name: Mapping[str, Mapping[str, str]]

    def chain(self, name: str) -> Iterator[Mapping[str, str]]:
        """Yield the settings of a profile and of its source profiles."""
        return (self.by_name[each] for each in (name, *self.sources_of(name)) if each in self.by_name)

    def sources_of(self, name: str) -> tuple[str, ...]:
        """Return the source profiles of a profile's role, the nearest first, whether they are in the files or not."""
        found = [name]
        while "role_arn" in (settings := self.by_name.get(found[-1], {})):
            source = settings.get("source_profile", "")
            if not source or source in found:
                break
            found.append(source)
        return tuple(found[1:])

    def account_of(self, name: str) -> str:
        """Return the account of a profile if its settings contain it, else an empty text."""
        settings = self.by_name.get(name, {})
        return settings.get("sso_account_id") or (settings.get("role_arn", "").split(":") + [""] * 5)[4]

    def uses_sso(self, name: str) -> bool:
        """Return whether the profile's credentials come from IAM Identity Center."""
        return any("sso_session" in each or "sso_start_url" in each for each in self.chain(name))

    def uses_login(self, name: str) -> bool:
        """Return whether the profile's credentials come from `aws login`."""
        return any("login_session" in each for each in self.chain(name))


def profile_name(profile: str | None, environment: Mapping[str, str]) -> str:
    """Return the current profile: the given one, else the environment's, else `default`."""
    return profile or environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"


def read_profiles(environment: Mapping[str, str]) -> Profiles:
    """Read both files. A missing or malformed file has no profiles: the SDK reports the error."""
    found: dict[str, dict[str, str]] = {}
    config = environment.get("AWS_CONFIG_FILE") or "~/.aws/config"
    credentials = environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    for file, prefixed in ((config, True), (credentials, False)):
        parser = configparser.RawConfigParser(default_section="", strict=False)
        try:
            parser.read(Path(file).expanduser(), encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError, RuntimeError):
            continue
        for section in parser.sections():
            name = _profile_in(section) if prefixed else section
            if name is not None:
                wanted = {key: value for key, value in parser.items(section) if key in _WANTED}
                found.setdefault(name, {}).update(wanted)
    return Profiles(found)


def _profile_in(section: str) -> str | None:
    """Return the profile of a section in the configuration file, or None for another kind of section."""
    if section == "default":
        return section
    try:
        words = shlex.split(section)
    except ValueError:
        return None
    return words[1] if len(words) == 2 and words[0] == "profile" else None


def can_prompt(profile: str | None, environment: Mapping[str, str]) -> bool:
    """Return whether a role in the profile's chain needs an MFA code. Reads the AWS files; imports no SDK.

    As in the AWS CLI, keys in the environment override a profile that is not named on the command line.
    """
    if profile is None and environment.get("AWS_ACCESS_KEY_ID"):
        return False
    chain = read_profiles(environment).chain(profile_name(profile, environment))
    return any("role_arn" in each and "mfa_serial" in each for each in chain)


_FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
_FOLDERS = {"AWS_LOGIN_CACHE_DIRECTORY": "login/cache", "": "sso/cache"}
"""The folders below `~/.aws`, by the variables that replace them, if any.

https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
"""


def credential_files(environment: Mapping[str, str]) -> tuple[tuple[str, int, int], ...]:
    """Return every existing file by name, with its modification time and size."""
    return tuple(sorted(_stamps(environment)))


def _stamps(environment: Mapping[str, str]) -> Iterator[tuple[str, int, int]]:
    for path in _paths(environment):
        try:
            told = path.stat()
        except (OSError, RuntimeError):
            continue
        yield str(path), told.st_mtime_ns, told.st_size


def _paths(environment: Mapping[str, str]) -> Iterator[Path]:
    for variable, name in _FILES.items():
        yield _place(environment, variable, name)
    for variable, name in _FOLDERS.items():
        try:
            with os.scandir(_place(environment, variable, name)) as entries:
                yield from [Path(each.path) for each in entries]
        except OSError:
            continue


def _place(environment: Mapping[str, str], variable: str, name: str) -> Path:
    named = environment.get(variable) or f"~/.aws/{name}"
    return Path(os.path.expanduser(named))  # noqa: PTH111 - Path's own raises where there is no home

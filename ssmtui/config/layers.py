"""What a run goes by: what the command line says, else the environment, else the file, else the default."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.config.declared import ACCOUNT, ORGANIZATION, ROLE_ARN, SETTINGS, no_such_setting
from ssmtui.config.file import ConfigError, FileSettings
from ssmtui.config.kinds import WrongValue
from ssmtui.config.setting import Layer, Origin, Setting, Told
from ssmtui.config.settings import DEFAULT_PROFILE, Settings
from ssmtui.model.near_names import near_names

_OUR_OWN = "SSMTUI_"
CONFIG_VARIABLE = "SSMTUI_CONFIG"
"""Names the configuration file, where `--config` does not."""
_OTHERWISE_READ = frozenset({CONFIG_VARIABLE})

_LAYER = Mapping[str, Told[object]]


def settings_of(
    file: FileSettings, environment: Mapping[str, str], options: Mapping[Setting[object], object]
) -> Settings:
    """The settings of a run.

    Raises:
        ConfigError: a variable or an option says what it cannot say; the message names it.

    """
    home = tuple(filter(None, (environment.get(name) for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"))))
    layers = _whose_accounts([file.told, by_environment(environment), by_options(options)])
    told = {name: each for layer in layers for name, each in layer.items()}
    for setting in SETTINGS:
        on = [layer[setting.name] for layer in layers if setting.name in layer and layer[setting.name].value is True]
        if setting.stays_on and on:
            told[setting.name] = on[-1]
    return Settings(told, file.some, home or (DEFAULT_PROFILE,))


def by_environment(environment: Mapping[str, str]) -> dict[str, Told[object]]:
    """What the environment says. An empty variable says nothing.

    A misspelt `SSMTUI_READONLY` must not pass for one that was left out; variables like no setting are somebody else's.
    """
    names = {each.variable: each for each in SETTINGS}
    for variable in sorted(environment.keys() - names.keys() - _OTHERWISE_READ):
        name = variable.removeprefix(_OUR_OWN).lower()
        if variable.startswith(_OUR_OWN) and near_names(name, (each.name for each in SETTINGS)):
            raise ConfigError(f"{variable}: {no_such_setting(name)}")
    told: dict[str, Told[object]] = {}
    for variable, setting in names.items():
        if environment.get(variable):
            value = _checked(setting, variable, setting.kind.parse(environment[variable]))
            told[setting.name] = Told(value, Origin(Layer.ENVIRONMENT, variable))
        elif by_aws := next((each for each in setting.aws if each in environment), ""):
            told[setting.name] = Told(setting.default, Origin(Layer.ENVIRONMENT, by_aws), environment[by_aws])
    return told


def by_options(options: Mapping[Setting[object], object]) -> dict[str, Told[object]]:
    """What the command line says; options that were left out are None, false or empty, but for an empty text."""
    return {
        setting.name: Told(_checked(setting, setting.option, value), Origin(Layer.OPTION, setting.option))
        for setting, value in options.items()
        if value is not None and value is not False and value != ()
    }


def _checked(setting: Setting[object], name: str, value: object) -> object:
    try:
        return setting.kind.read(name, value)
    except WrongValue as wrong:
        sentence = str(wrong)
        raise ConfigError(sentence if name in sentence else f"{name}: {sentence}") from wrong


def _whose_accounts(layers: list[_LAYER]) -> list[_LAYER]:
    """Whoever names roles or an organization means these alone, and not accounts that a lower layer names."""
    whose = {ROLE_ARN.name, ORGANIZATION.name}
    deciding = max((at for at, layer in enumerate(layers) if whose & layer.keys()), default=0)
    below = whose | {ACCOUNT.name}
    return [
        {name: each for name, each in layer.items() if at >= deciding or name not in below}
        for at, layer in enumerate(layers)
    ]

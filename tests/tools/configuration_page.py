"""docs/configuration.md, made from the declarations of the settings: `python -m tests.tools.configuration_page`."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.config.declared import SETTINGS
from ssmtui.config.example import example_lines
from ssmtui.config.kinds import shown
from ssmtui.config.setting import Setting, Table
from ssmtui.language import say

_HEAD = """\
<!-- Made by `make docs` from ssmtui/config/declared.py; never edited by hand. -->

# Configuration

`ssmtui info` shows every setting as it is in force, and where each value came from; `ssmtui info --example` prints a
file to begin with, every line of it a comment:

```sh
ssmtui info                                   # where the file is looked for, on this system
ssmtui info --example > ~/.config/ssmtui/config.toml
```

The file is [TOML](https://toml.io). It is looked for in the platform's folder (Linux: `~/.config/ssmtui/config.toml`,
or below `XDG_CONFIG_HOME`; macOS: `~/Library/Application Support/ssmtui/config.toml`; Windows:
`%LOCALAPPDATA%\\ssmtui\\config.toml`), or where `--config FILE` or `SSMTUI_CONFIG` says. ssmtui never writes it; what
is chosen in the app is kept elsewhere.

## Who outranks whom

1. an option of the command line, such as `--region eu-west-3`;
2. a variable: ssmtui's own, such as `SSMTUI_REGION`, then AWS's, such as `AWS_REGION`;
3. the file: an account's table, then a profile's, then the top of the file;
4. the default.

Two are otherwise, on purpose. `read_only` is in force where anybody says so: nobody takes it back. Whoever names other
accounts (`role_arn`, `organization`) means these alone, and not also those that a lower layer names.

In a variable, the elements of a list stand between commas (`SSMTUI_REGION=eu-west-3,eu-west-1`), and a switch is
`true`, `false`, `1`, `0`, `yes`, `no`, `on` or `off`. An empty variable says nothing. `SSMTUI_LANG` is the language
(`en`, `fr`), where `--lang` does not say.

What cannot be used is told before anything is done, each mistake with its line and column, and the key that may have
been meant; the exit code is 2:

```text
ssmtui: /home/alex/.config/ssmtui/config.toml:4:1: there is no setting thme. Did you mean theme?
```

## Settings
"""

_SOME = """\
## Of some profiles and accounts alone

Below `[profiles.NAME]` stands what holds for one profile; NAME may be a pattern (`[profiles."prod-*"]`). Below
`[accounts.ID]` stands what holds for one account, by whichever profile it is looked at. A table by the very name
outranks those by a pattern, of which the first in the file counts; an account's outranks a profile's.
"""


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from _HEAD.splitlines()
    for setting in SETTINGS:
        yield from _section(setting)
    yield ""
    yield from _SOME.splitlines()
    yield ""
    yield "| table | settings |"
    yield "|---|---|"
    for table, name in ((Table.PROFILES, "NAME"), (Table.ACCOUNTS, "ID")):
        alone = ", ".join(f"`{each.name}`" for each in SETTINGS if table in each.tables)
        if alone:
            yield f"| `[{table.value}.{name}]` | {alone} |"
    yield ""
    yield "## An example"
    yield ""
    yield "What `ssmtui info --example` prints:"
    yield ""
    yield "```toml"
    yield from example_lines()
    yield "```"


def _section(setting: Setting[object]) -> Iterator[str]:
    yield ""
    yield f"### `{setting.name}`"
    yield ""
    yield say(setting.sentence)
    yield ""
    yield f"- It is {say(setting.kind.words)}; by default: {_default(setting)}."
    options = f" or `{setting.option}`" if setting.option else ""
    yield f"- Elsewhere: `{setting.variable}`{options}."
    if setting.aws:
        variables = " or ".join(f"`{each}`" for each in setting.aws)
        yield f"- Where neither says so, {variables} does, as for the AWS CLI."
    yield f"- Example: `{setting.name} = {setting.example}`"


def _default(setting: Setting[object]) -> str:
    if setting.aws:
        return "what the AWS CLI would use here"
    return f"`{shown(setting.default)}`" if setting.default not in (None, ()) else "none"


def main() -> None:
    """Print the page."""
    for line in page():
        print(line)


if __name__ == "__main__":
    main()

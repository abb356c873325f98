"""List the pages of the site, their sources, and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssmtui.language import Language


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the site's menu. `source` is a file of the repository; empty if the page is generated from the code."""

    title: str
    page: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Some pages of the menu under one title."""

    title: str
    entries: Sequence[Entry]


HOME = {Language.ENGLISH: "ssmtui", Language.FRENCH: "ssmtui"}

PARTS: Mapping[Language, Sequence[Part]] = {
    Language.ENGLISH: (
        Part(
            "Start",
            (
                Entry("What it is", "index.md", "docs/site/en/index.md"),
                Entry("Quick start", "first-minute.md", "docs/site/en/first-minute.md"),
                Entry("Install", "install.md", "docs/install.md"),
                Entry("Verdicts", "verdicts.md", "docs/site/en/verdicts.md"),
            ),
        ),
        Part(
            "When it fails",
            (
                Entry("Recipes", "recipes.md", "docs/site/en/recipes.md"),
                Entry("Error texts", "errors.md"),
                Entry("Causes", "causes/index.md"),
            ),
        ),
        Part(
            "Use",
            (
                Entry("Keys", "keys.md"),
                Entry("Settings", "configuration.md"),
                Entry("Permissions", "permissions.md"),
                Entry("In CI", "ci.md", "docs/ci.md"),
                Entry("Many accounts", "scale.md", "docs/scale.md"),
                Entry("Command line and report", "interface.md", "docs/interface.md"),
                Entry("Beside other tools", "compare.md", "docs/compare.md"),
                Entry("For coding agents", "skill.md", "docs/skill/SKILL.md"),
            ),
        ),
        Part(
            "Trust",
            (
                Entry("How a verdict is reached", "judging.md", "docs/judging.md"),
                Entry("Security", "security.md", "SECURITY.md"),
                Entry("How fast it is", "performance.md", "docs/performance.md"),
                Entry("What was tried to break it", "reliability.md", "docs/reliability.md"),
                Entry("What changed", "changelog.md", "CHANGELOG.md"),
            ),
        ),
        Part(
            "Work on it",
            (
                Entry("Architecture", "architecture.md", "docs/architecture.md"),
                Entry("Recipes of the code", "contributing.md", "CONTRIBUTING.md"),
                Entry("Facts", "facts/index.md", "docs/facts/README.md"),
                Entry("Nodes", "facts/nodes.md", "docs/facts/nodes.md"),
                Entry("Preferences", "facts/preferences.md", "docs/facts/preferences.md"),
                Entry("Permissions in IAM", "facts/permissions.md", "docs/facts/permissions.md"),
                Entry("Sessions", "facts/sessions.md", "docs/facts/sessions.md"),
                Entry("Limits", "facts/limits.md", "docs/facts/limits.md"),
                Entry("Failure texts", "facts/failure-texts.md", "docs/facts/failure-texts.md"),
                Entry("The data channel", "facts/data-channel.md", "docs/facts/data-channel.md"),
                Entry("Field reports", "facts/field-reports.md", "docs/facts/field-reports.md"),
                Entry("What AWS changed", "facts/changes.md", "docs/facts/changes.md"),
                Entry("Libraries", "facts/libraries.md", "docs/facts/libraries.md"),
            ),
        ),
    ),
    Language.FRENCH: (
        Part(
            "Pour commencer",
            (
                Entry("Ce que c'est", "index.md", "docs/site/fr/index.md"),
                Entry("Prise en main", "first-minute.md", "docs/site/fr/first-minute.md"),
                Entry("Verdicts", "verdicts.md", "docs/site/fr/verdicts.md"),
            ),
        ),
        Part(
            "Quand rien ne s'ouvre",
            (
                Entry("Textes d'erreur", "errors.md"),
                Entry("Causes", "causes/index.md"),
            ),
        ),
    ),
}


def sources(language: Language) -> Mapping[str, str]:
    """Return the page for each source file of this language's site."""
    return {each.source: each.page for part in PARTS[language] for each in part.entries if each.source}

"""Write the configuration of the site's builder: menu and theme, for one language.

Zensical is the successor of Material for MkDocs, which is only maintained now
(https://zensical.org/docs/compatibility/mkdocs/). Nothing is loaded from other hosts: no font, no script, no analytics.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ssmtui.causes.catalogue import catalogue
from ssmtui.language import Language
from ssmtui.report.catalogue import along_the_path
from ssmtui.report.catalogue_page import capitalised
from tools.site.cause_pages import CAUSES, page_of, titles_of_links
from tools.site.layout import PARTS

_SAYS = {
    Language.ENGLISH: "Why an AWS Session Manager session does not open, and what mends it",
    Language.FRENCH: "Pourquoi une session AWS Session Manager ne s'ouvre pas, et ce qui y remédie",
}
_NAMES = {Language.ENGLISH: "English", Language.FRENCH: "Français"}
_LIGHT = {Language.ENGLISH: "To the light one", Language.FRENCH: "Passer au clair"}
_DARK = {Language.ENGLISH: "To the dark one", Language.FRENCH: "Passer au sombre"}


def configuration(language: Language, docs: str, site: str) -> str:
    """Return the builder's file, in TOML; JSON's texts and lists are valid TOML, too."""
    palette = "\n".join(
        f"[[project.theme.palette]]\nmedia = {_text(f'(prefers-color-scheme: {shade})')}\nscheme = {_text(scheme)}\n"
        f"toggle.icon = {_text(icon)}\ntoggle.name = {_text(name[language])}"
        for shade, scheme, icon, name in (
            ("light", "default", "lucide/sun", _DARK),
            ("dark", "slate", "lucide/moon", _LIGHT),
        )
    )
    alternates = "\n".join(
        f"[[project.extra.alternate]]\nname = {_text(_NAMES[each])}\nlink = {_text(f'../{each.value}/')}\n"
        f"lang = {_text(each.value)}"
        for each in Language
    )
    return f"""\
[project]
site_name = "ssmtui"
site_description = {_text(_SAYS[language])}
docs_dir = {_text(docs)}
site_dir = {_text(site)}
use_directory_urls = false
extra_css = ["docs/site/looks.css"]
nav = {_menu(language)}

[project.theme]
language = {_text(language.value)}
font = false
features = [
  "content.code.copy", "navigation.footer", "navigation.sections", "navigation.top",
  "search.highlight", "toc.follow",
]
{palette}

[project.extra]
generator = false
{alternates}

[project.markdown_extensions.tables]
[project.markdown_extensions.attr_list]
[project.markdown_extensions.md_in_html]
[project.markdown_extensions.toc]
permalink = true
[project.markdown_extensions.pymdownx.superfences]
[project.markdown_extensions.pymdownx.highlight]
"""


def _menu(language: Language) -> str:
    parts = []
    for part in PARTS[language]:
        entries = [
            {each.title: [each.page, *_causes(language)] if each.page == CAUSES else each.page} for each in part.entries
        ]
        parts.append({part.title: entries})
    return _inline(parts)


def _causes(language: Language) -> list[Mapping[str, Sequence[Mapping[str, str]]]]:
    """Return the causes in the menu, grouped by the link of the path."""
    causes = along_the_path(catalogue(language).values())
    names = titles_of_links(language)
    by_link = {link: [each for each in causes if each.link is link] for link in names}
    return [
        {names[link]: [{capitalised(each.title): page_of(each)} for each in those]}
        for link, those in by_link.items()
        if those
    ]


def _inline(value: object) -> str:
    """Return a value in TOML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)} = {_inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(each) for each in value) + "]"
    return _text(str(value))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)

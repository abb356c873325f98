"""Write one page per cause, with the error text as its title, so that a search for the error finds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ssmtui.causes.catalogue import Cause, catalogue
from ssmtui.language import Language, current_language, say, set_language
from ssmtui.model.finding import Link
from ssmtui.report.catalogue import along_the_path
from ssmtui.report.catalogue_page import capitalised, cause_sections, with_holes

CAUSES = "causes/index.md"
"""The page that links to all causes."""

_MOST = 110
"""The most characters of an error text in a title: search engines show about sixty, and match more."""

_CHECK = {
    Language.ENGLISH: "With an account at hand, `ssmtui check` tells whether this is true there, and `ssmtui explain` "
    "takes the whole error text.",
    Language.FRENCH: "Avec un compte sous la main, `ssmtui check` dit si c'est le cas, et `ssmtui explain` prend le "
    "texte d'erreur entier.",
}
_ALL_CAUSES = {
    Language.ENGLISH: "# Every cause\n\nIn the order in which a session meets them on its way.\n",
    Language.FRENCH: "# Toutes les causes\n\nDans l'ordre où une session les rencontre sur son chemin.\n",
}
_ERRORS = {
    Language.ENGLISH: "# Every error text\n\nWhat AWS's tools, agent and services say, and what is behind it, "
    "likeliest first. … stands for whatever AWS puts there. `ssmtui explain` reads a whole text.\n",
    Language.FRENCH: "# Tous les textes d'erreur\n\nCe que disent les outils, l'agent et les services d'AWS, et ce "
    "qu'il y a derrière, le plus probable d'abord. … remplace ce qu'AWS y met. `ssmtui explain` lit un texte entier, "
    "avec toutes les lignes autour.\n",
}


def cause_pages(language: Language) -> Mapping[str, str]:
    """Return the pages of causes by their paths on the site: one each, and the two that link to them."""
    causes, spoken = along_the_path(catalogue(language).values()), current_language()
    set_language(language)
    try:
        pages = {page_of(each): _page(each, language) for each in causes}
        pages[CAUSES] = _ALL_CAUSES[language] + "\n".join(_by_link(causes)) + "\n"
        pages["errors.md"] = _ERRORS[language] + "\n".join(_by_text(causes)) + "\n"
    finally:
        set_language(spoken)
    return pages


def titles_of_links(language: Language) -> Mapping[Link, str]:
    """Return the links of the path, in order, as headings."""
    spoken = current_language()
    set_language(language)
    try:
        return {link: capitalised(say(link.value)) for link in Link}
    finally:
        set_language(spoken)


def page_of(cause: Cause) -> str:
    """Return the path of a cause's page."""
    return f"causes/{cause.slug}.md"


def title_of(cause: Cause) -> str:
    """Return the best known error text of the cause, then its title."""
    texts = [each for each in cause.known_by if each.text.isascii()]
    if not texts:
        return capitalised(cause.title)
    best = max(texts, key=lambda each: (each.likelihood, len(each.text)))
    text = with_holes(best.text.removeprefix("^").removesuffix("$"))
    return f"{text if len(text) <= _MOST else text[:_MOST].rstrip() + '…'} — {cause.title}"


def _page(cause: Cause, language: Language) -> str:
    title = title_of(cause).replace("\\", "\\\\").replace('"', '\\"')
    front = f'---\ntitle: "{title}"\n---\n'
    return (
        f"{front}\n# {capitalised(cause.title)}\n\n`{cause.slug}`\n\n{_CHECK[language]}\n\n{cause_sections(cause, 2)}"
    )


def _by_link(causes: list[Cause]) -> Iterator[str]:
    for link in Link:
        those = [each for each in causes if each.link is link]
        if those:
            yield f"\n## {capitalised(say(link.value))}\n"
            yield from (f"- [{capitalised(each.title)}]({each.slug}.md)" for each in those)


def _by_text(causes: list[Cause]) -> Iterator[str]:
    behind: defaultdict[str, list[tuple[float, Cause]]] = defaultdict(list)
    for cause in causes:
        for known in cause.known_by:
            behind[with_holes(known.text.removeprefix("^").removesuffix("$"))].append((known.likelihood, cause))
    for text in sorted(behind, key=str.casefold):
        those = sorted(behind[text], key=lambda each: -each[0])
        yield f"\n## {_in_code(text)}\n"
        yield from (f"- [{capitalised(each.title)}]({page_of(each)})" for _, each in those)


def _in_code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"

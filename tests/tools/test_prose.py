"""The prose linter names each problem of wording, and finds the texts of every kind of file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from ssmtui.language import Language
from tools.prose.texts import Text, cause_pages, documents, schema_descriptions, sentences

style = pytest.importorskip("tools.prose.style", reason="proselint has no wheel here")

LONG = " ".join(["word"] * 36)

CASES = [
    (Language.ENGLISH, "The role cannot read the log group.", []),
    (Language.ENGLISH, "The role may not read the log group.", ["'may not': write cannot, or is not allowed to"]),
    (Language.ENGLISH, "Maybe not all nodes are listed.", []),
    (Language.ENGLISH, "Take back the last change.", ["'Take back': write undo"]),
    (Language.ENGLISH, "It is so.", ["'is so.': write the noun or the result"]),
    (Language.ENGLISH, "The list is so long that it is cut.", []),
    (Language.ENGLISH, f"{LONG}.", ["36 words in a sentence, at most 35: word word word word word word word word …"]),
    (Language.ENGLISH, f"{LONG[:80]}: {LONG[:80]}. {LONG[:80]}", []),
    (Language.ENGLISH, " ".join(["CODE,"] * 50), []),
    (Language.ENGLISH, "At this moment in time, it fails.", ["Redundancy. Use 'moment' instead of 'moment in time'."]),
    (Language.FRENCH, "Afficher les touches", []),
    (Language.FRENCH, "Cela montre que la clé existe.", []),
    (Language.FRENCH, "Montrer la flotte", ["'flotte': write parc", "'Montrer': write afficher"]),
    (Language.FRENCH, "L’agent", ["'’': write a straight apostrophe"]),
    (Language.FRENCH, "La cause: un rôle", ["'se:': a space precedes ; : ? and !"]),
    (Language.FRENCH, "La cause : un rôle, à 10:30", []),
]


@pytest.mark.parametrize(("language", "content", "expected"), CASES)
def test_a_problem_of_wording_is_named(language: Language, content: str, expected: list[str]) -> None:
    assert list(style.problems(Text(Path("a.md"), 1, language, content))) == expected


def test_texts_of_every_kind_are_found_with_their_place_and_without_code(tmp_path: Path) -> None:
    catalogue = tmp_path / "ssmtui.po"
    catalogue.write_text('msgid "{count} nodes of one"\nmsgstr "{count} nœuds"\n', encoding="utf-8")
    page = tmp_path / "ssmtui" / "causes" / "en" / "agent" / "a.md"
    page.parent.mkdir(parents=True)
    fix = "fixes:\n  - {slug: x, title: Fix of it}\n"
    page.write_text(f"---\ntitle: A title\n{fix}---\n\nRun `this`:\n\n```bash\nmay not\n```\n", encoding="utf-8")
    document = tmp_path / "README.md"
    document.write_text("# Head\n\n| a | b |\n|---|---|\n| [c](d) | <b>e</b> |\n", encoding="utf-8")
    schema = tmp_path / "s.json"
    schema.write_text('{"description": "What", "properties": {"a": [{"title": "Which"}]}}', encoding="utf-8")

    def found(texts: Iterable[Text]) -> list[tuple[str, int, str, str]]:
        return [(each.file.name, each.line, each.language.value, each.content) for each in texts]

    assert found(sentences(catalogue, tmp_path)) == [
        ("ssmtui.po", 1, "en", "CODE nodes of one"),
        ("ssmtui.po", 1, "fr", "CODE nœuds"),
    ]
    assert found(cause_pages(tmp_path)) == [
        ("a.md", 1, "en", "A title"),
        ("a.md", 1, "en", "Fix of it"),
        ("a.md", 7, "en", "Run CODE:"),
    ]
    assert found(documents(tmp_path)) == [
        ("README.md", 1, "en", "Head"),
        ("README.md", 3, "en", "a"),
        ("README.md", 3, "en", "b"),
        ("README.md", 5, "en", "c"),
        ("README.md", 5, "en", "e"),
    ]
    assert found(schema_descriptions(schema, tmp_path)) == [("s.json", 1, "en", "What"), ("s.json", 1, "en", "Which")]

"""Nothing is cited that is not in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.citations import cited_sections, dead_citations

ROOT = Path(__file__).parents[2]

PAGE = """# A page

## 1 One
See §2.1, and §3.

## 2 Two

### 2.1 Inside
[of it](#21-inside), [of nothing](#9-gone), [beside](other.md), [absent](absent.md).
"""
CODE = '''"""A module (docs/page.md §2.1).

Its second paragraph cites docs/page.md
§2, §4, and page.md, which is nowhere.
"""

# What is cited in a comment that goes over two lines: docs/page.md
# §1, §5. And a section of nothing, §7.
NAME = "docs/absent.md §1"
"""By aws-facts §2.6, and shared/interface.md."""
'''


@pytest.mark.long
@pytest.mark.heavy
def test_every_citation_leads_to_a_page_and_a_section_of_the_repository() -> None:
    assert not [str(each) for each in dead_citations(ROOT)]


@pytest.mark.long
@pytest.mark.heavy
def test_the_facts_are_cited() -> None:
    assert {"docs/facts/nodes.md §6", "docs/facts/failure-texts.md §2.6", "docs/interface.md §3"} <= cited_sections(
        ROOT
    )


def test_dead_citations_are_found(tmp_path: Path) -> None:
    for folder in ("docs", "ssmtui"):
        (tmp_path / folder).mkdir()
    (tmp_path / "docs/page.md").write_text(PAGE)
    (tmp_path / "docs/other.md").write_text("# Another\n")
    (tmp_path / "ssmtui/module.py").write_text(CODE)
    (tmp_path / "README.md").write_text("What docs/other.md says, and docs/other.md §1.\n")
    assert [str(each) for each in dead_citations(tmp_path)] == [
        "README.md:1: docs/other.md §1",
        "docs/page.md:4: §3",
        "docs/page.md:9: #9-gone",
        "docs/page.md:9: absent.md",
        "ssmtui/module.py:3: docs/page.md §4",
        "ssmtui/module.py:4: page.md",
        "ssmtui/module.py:7: docs/page.md §5",
        "ssmtui/module.py:8: §7",
        "ssmtui/module.py:10: aws-facts",
        "ssmtui/module.py:10: shared/interface.md",
        "ssmtui/module.py:10: §2.6",
    ]

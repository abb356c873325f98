"""The catalogue as it ships: complete, true to the checks and fixes that name it, and fit to be read and copied.

Everything is asked of the files themselves: a new cause is judged by all of this, and written down nowhere here.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import ssmtui.causes
from ssmtui.causes.catalogue import Cause, catalogue, cause, cause_file
from ssmtui.causes.pasted_text import normalize_text
from ssmtui.checks.registry import all_checks
from ssmtui.language import Language
from ssmtui.model.finding import Link
from ssmtui.remediation.plans.registry import all_fixes, all_steps

SLUGS = sorted(catalogue())


def markdown_of(found: Cause) -> str:
    return "\n\n".join((found.what_is_wrong, found.how_to_resolve, found.to_know))


def code_blocks(markdown: str, language: str) -> list[str]:
    return [
        block for kind, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```$", markdown, re.M | re.S) if kind == language
    ]


def test_every_markdown_file_is_a_cause_in_the_folder_of_its_language_and_link() -> None:
    folder = Path(ssmtui.causes.__file__).parent
    english, french = (
        {str(cause_file(folder, language, each)) for each in catalogue().values()} for language in Language
    )
    assert english <= {str(file) for file in folder.rglob("*.md")} <= english | french


def test_every_cause_that_a_check_names_has_a_file() -> None:
    named = {slug for check in all_checks() for slug in check.causes}
    assert named
    assert named <= set(catalogue())


def test_a_cause_stands_on_the_link_of_every_check_that_names_it() -> None:
    named = [(check.name, slug, check.link) for check in all_checks() for slug in check.causes]
    assert [each for each in named if cause(each[1]).link is not each[2]] == []


def test_an_unknown_slug_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        cause("lamp-unlit")


def test_a_cause_is_called_as_its_file_is() -> None:
    for slug in SLUGS:
        assert cause(slug).slug == slug
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|throttled", slug)


def test_every_cause_can_be_come_by_a_check_names_it_or_a_text_or_a_description_does() -> None:
    for slug in SLUGS:
        named = {each for check in all_checks() for each in check.causes}
        assert slug in named or cause(slug).known_by or cause(slug).described_by


def test_the_title_fits_the_why_column() -> None:
    for slug in SLUGS:
        title = cause(slug).title
        assert len(title) <= 48
        assert not title.endswith(".")
        assert title.isprintable()


AWS_PAGES = (
    "https://docs.aws.amazon.com/",
    "https://repost.aws/knowledge-center/",
    "https://github.com/aws/amazon-ssm-agent/issues/",
)


def test_documentation_is_named_and_is_aws_own() -> None:
    for slug in SLUGS:
        documentation = cause(slug).documentation
        assert documentation
        for page in documentation:
            assert page.title
            assert page.url.startswith(AWS_PAGES)


def test_every_cause_that_a_check_can_name_beyond_this_machine_offers_fixes_that_exist_each_once() -> None:
    for slug in SLUGS:
        offered = [offer.slug for offer in cause(slug).fixes]
        named = {each for check in all_checks() if check.link is not Link.WORKSTATION for each in check.causes}
        # What mends the first two is another name on the person's own command line; nothing mends the third.
        assert offered or slug not in named - {"document-invalid", "document-wrong-type", "instance-service-managed"}
        assert set(offered) <= all_fixes().keys() | all_steps().keys()
        assert len(set(offered)) == len(offered)


def test_every_fix_is_titled_as_something_to_do() -> None:
    for slug in SLUGS:
        for offer in cause(slug).fixes:
            assert len(offer.title) <= 60
            assert offer.title[0].isupper()
            assert not offer.title.endswith(".")


def weakening() -> set[str]:
    """The fixes that give up logging or security, by whichever cause says so."""
    return {offer.slug for each in catalogue().values() for offer in each.fixes if offer.loses}


def test_something_weakens_and_most_does_not() -> None:
    assert {"toggle-s3-encryption", "toggle-cloudwatch-encryption", "clear-session-key"} <= weakening()
    assert not weakening() & {"attach-core-policy", "grant-node-key-access", "encrypt-log-group"}


def test_what_weakens_says_so_in_one_sentence_wherever_it_is_offered() -> None:
    for slug in SLUGS:
        for offer in cause(slug).fixes:
            assert bool(offer.loses) == (offer.slug in weakening())
            assert re.fullmatch(r"[^.]+\.|", offer.loses)


def test_what_weakens_comes_after_everything_that_does_not() -> None:
    for slug in SLUGS:
        losing = [bool(offer.loses) for offer in cause(slug).fixes]
        assert losing == sorted(losing)


def test_a_fix_that_only_weakens_is_never_the_only_one() -> None:
    for slug in SLUGS:
        assert not cause(slug).fixes or not all(offer.loses for offer in cause(slug).fixes)


def test_what_is_wrong_is_two_to_four_plain_sentences() -> None:
    for slug in SLUGS:
        text = " ".join(cause(slug).what_is_wrong.split())
        assert 2 <= len(re.findall(r"[.](?= [A-Z*`]|$)", text)) <= 4
        assert "```" not in text


def test_the_resolution_is_numbered_steps_from_one() -> None:
    for slug in SLUGS:
        steps = re.findall(r"^(\d+)\. ", cause(slug).how_to_resolve, re.MULTILINE)
        assert steps == [str(number) for number in range(1, len(steps) + 1)]
        assert cause(slug).how_to_resolve.startswith("1. ")


def test_every_json_block_can_be_copied_as_it_stands() -> None:
    for slug in SLUGS:
        for block in code_blocks(markdown_of(cause(slug)), "json"):
            # A statement with a principal is added to the policy of a resource; the others are whole policies.
            policy = json.loads(block)
            assert "Principal" in policy or policy["Version"] == "2012-10-17"
            for statement in [policy] if "Principal" in policy else policy["Statement"]:
                assert statement["Effect"] == "Allow"
                assert statement["Action"]
                assert "Resource" in statement or statement["Action"] == "sts:AssumeRole"


def test_every_code_block_says_its_language_and_is_closed() -> None:
    for slug in SLUGS:
        fences = re.findall(r"^ *```(\w*)$", markdown_of(cause(slug)), re.MULTILINE)
        assert set(fences[0::2]) <= {"json", "sh", "powershell", "yaml"}
        assert set(fences[1::2]) <= {""}
        assert len(fences) % 2 == 0


def test_code_is_narrow_enough_to_be_read_beside_the_path() -> None:
    for slug in SLUGS:
        code = re.findall(r"^ *```\w+\n(.*?)^ *```$", markdown_of(cause(slug)), re.MULTILINE | re.DOTALL)
        assert all(len(line) <= 90 for block in code for line in block.splitlines())


def test_nothing_is_tied_to_one_partition() -> None:
    for slug in SLUGS:
        assert "arn:aws" not in markdown_of(cause(slug))


def test_every_link_in_the_text_leads_to_aws() -> None:
    for slug in SLUGS:
        links = re.findall(r"\]\(([^)]*)\)", markdown_of(cause(slug)))
        assert all(link.startswith(AWS_PAGES) for link in links)


def test_known_texts_are_single_lines_without_blanks_around_them() -> None:
    for slug in SLUGS:
        for known in cause(slug).known_by:
            assert known.text == " ".join(known.text.split())


def test_no_cause_knows_a_text_twice() -> None:
    for slug in SLUGS:
        texts = [normalize_text(known.text) for known in cause(slug).known_by]
        assert len(set(texts)) == len(texts)


def test_a_known_text_is_long_enough_to_mean_something() -> None:
    for slug in SLUGS:
        for known in cause(slug).known_by:
            assert len(normalize_text(known.text)) >= 16

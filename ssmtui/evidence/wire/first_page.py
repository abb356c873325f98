"""The first page that holds something: AWS may answer by an empty one that has more behind it.

So it does where it filters what it has looked through so far ("It is possible to get this token with no results").
"""

from __future__ import annotations

from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws

_PAGES_AT_MOST = 8
"""Empty pages that are looked behind: where there is nothing on so many, there is hardly anything."""


async def first_page(aws: Aws, service: str, operation: str, held: str, **parameters: object) -> Answer:
    """The first page on which there is something `held`; the last that was looked at, where there is none.

    Raises as `Aws` does.
    """
    pages = 0
    async for page in aws.pages(service, operation, **parameters):
        pages += 1
        if page.optional_parts(held) or pages == _PAGES_AT_MOST:
            break
    return page

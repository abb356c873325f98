"""Decide which words of a report are public: AWS's own names, and the words in ssmtui's own texts.

Redaction keeps known harmless words; it does not search for known secrets. A word that is in none of ssmtui's
sentences, pages and slugs came from somewhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from ssmtui.causes.catalogue import catalogue
from ssmtui.language import Language
from ssmtui.language.translation import all_sentences
from ssmtui.model.finding import JOURNAL, PROBE, WORKSTATION, SubjectKind

_GOING_ON = r"(?:[.+/@:~$%#\\-]{0,64}+[\w*])"
WORD = re.compile(rf"[^\W_]{_GOING_ON}*+|[/~$%#*\\_-]{_GOING_ON}++|_|\*")
"""A run of characters that can be a name, a path or an ID; never with a full stop or a colon at its end.

The pattern does not backtrack, and a longer row of marks ends a word: the time is proportional to the length.
"""

_REMEMBERED = 1 << 14
"""Size of the caches: a report has few different words, repeated often."""

_HOLE = re.compile(r"\{[^{}]*\}|%[si]")
_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_OPERATION = re.compile(
    r"(?:Add|Assume|Associate|Attach|Authorize|Cancel|Create|Decode|Decrypt|Delete|Deregister|Describe|Detach|Disable"
    r"|Disassociate|Enable|Generate|Get|Head|List|Lookup|Modify|Put|Re[Ee]ncrypt|Register|Reset|Resume|Send|Simulate"
    r"|Start|Stop|Terminate|Update)[A-Z][A-Za-z0-9]*"
)
_SERVICES = (
    "access-analyzer|autoscaling|cloudformation|cloudtrail|cloudwatch|config|ec2|ec2messages|ecs|eks|events|iam|kms"
    "|lambda|logs|monitoring|organizations|ram|rds|route53|s3|secretsmanager|sns|sqs|ssm|ssm-contacts|ssm-guiconnect"
    "|ssm-incidents|ssmmessages|sso|sso-oidc|signin|states|sts|tag|aws"
)
SERVICE = re.compile(_SERVICES)
ACTION = re.compile(rf"(?:{_SERVICES}):[A-Z*][A-Za-z0-9*]*")
REGION = re.compile(
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov|us-iso[a-z]?|eu-isoe)"
    r"-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d"
)
MANAGED = re.compile(
    r"AWS(?:-|Support-|EC2-|ConfigRemediation-|FleetManager-|QuickSetup|ServiceRoleFor)\w[\w-]*"
    r"|AWSSystemsManagerDefaultEC2InstanceManagementRole|SSM-SessionManagerRunShell|Amazon-?(?:SSM|CloudWatch)\w*"
    r"|aws-service-role|aws-reserved|service-role|aws-ssm-[a-z0-9-]+|amazon-ssm-[a-z0-9-]+|aws-windows-downloads-[a-z0-9-]+"
    r"|patch-baseline-snapshot-[a-z0-9-]+|(?:aws-)?patch-manager-[a-z0-9-]+"
)
"""Names that AWS uses in every account: roles, documents, path segments, the buckets that its agent reads."""

_MARKS = re.compile(r"[/~$%#*\\_:.+@-]+")
_OF_AWS = (MANAGED, ACTION, re.compile(rf"{REGION.pattern}[a-z]?"), re.compile(r"alias/aws/\w+"), _MARKS)
_FIGURES = (
    re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,9})?(?:%|ns|us|ms|s|m|min|h|d|B|kB|KB|MB|GB|TB|KiB|MiB|GiB)?"),
    re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d\d:\d\d(?::\d\d)?Z?"),
    re.compile(r"CVE-\d{4}-\d+|TLSv1\.\d|HTTP/\d(?:\.\d)?|(?:TCP|UDP|tcp|udp)[/:]\d{1,5}"),
    # Four numbers are an IP address, except for a version of SSM Agent or of the plugin.
    re.compile(r"v?\d{1,6}\.\d{1,6}\.\d{1,6}|v?(?:1\.[0-2]|2\.[0-3]|3\.[0-3])\.\d{1,5}\.0"),
)
_IN_SENTENCES = (
    _OPERATION,
    re.compile(
        r"[A-Z][A-Za-z]+(?:Exception|Error|Fault|NotFound|Denied)|[A-Z][A-Za-z]+\.(?:NotFound|Malformed|Duplicate)"
    ),
)
_HOST = re.compile(
    r"(?:[a-z0-9-]+\.){0,4}(?:amazonaws\.com(?:\.cn)?|api\.aws|amazonaws\.eu)|docs\.aws\.amazon\.com|aws\.amazon\.com"
    r"|(?:[a-z0-9-]+\.)?console\.aws\.amazon\.com|console\.amazonaws-us-gov\.com"
)
_PUBLIC_LABEL = re.compile(
    rf"{_SERVICES}|{REGION.pattern}|vpce|fips|dualstack|s3-accelerate|compute|internal|kms-fips|ssm-fips"
)
_PUBLIC_URL = re.compile(
    r"(?:https://)?(?:docs\.aws\.amazon\.com|github\.com/(?:aws|amazonlinux)|repost\.aws|aws\.amazon\.com)(?:/.*)?"
)

_AWS_WORDS = """
    a about access accessdenied account action actions activation additional agent all allowed allows already an and
    any api are argument arn as assumed at attached authorization authorized available aws be because been before
    boundary bucket but by call called calling can cannot client code command communicate condition configuration
    configured connect connected connection contains control could credentials current data decode default denied deny
    denies describe detail details detected did directory disabled disk document does don't encoded encrypted
    encryption end endpoint error exceeded exist exists expired explicit explicitly failed failure file find following
    for forbidden found from full get group handshake has have help host http https id identity identity-based if
    implicitly in information inline instance instances internal invalid invalidated invoked is it key known kms
    latest left limit linux listed log logs made malformed management managed manager may message metadata missing
    must name network no node not occurred of on only open operation or os other parameter pattern perform performing
    permission permissions permissions-boundary pending plugin policy policies port possible preferences principal
    profile provided rate reached reason receive refused region registered rejected request requested requests
    required resource resource-based response retries role running security see send server service services session
    sessions shell signature since some space specified ssm state status stopped such systems target terminated than
    that the their there this throttled throttling time timed timeout to token too try type unable unauthorized
    understood undefined unknown unsupported until update use used user using valid value version volume was when
    while will with within write you your amazon centos debian fedora rocky rhel sles suse ubuntu windows oracle
    redhat red hat enterprise macos darwin bottlerocket x86_64 arm64 amd64 alpine minimal almalinux raspbian ssm-user
    ec2-user root administrator aws-cli sudo linux/unix gnu/linux unix byol sql standard ha sp suse-sles opensuse leap
    kali photon
"""
"""The words of AWS's error messages, and the names of operating systems."""


@lru_cache(maxsize=_REMEMBERED)
def is_of_aws(word: str) -> bool:
    """Return whether a name is AWS's own or no name: managed roles, documents, actions, Regions, slugs, pages."""
    return any(each.fullmatch(word) for each in _OF_AWS) or word in _slugs() or _PUBLIC_URL.fullmatch(word) is not None


def is_figure(word: str) -> bool:
    """Return whether a word is a number, a point in time, a version or similar."""
    return any(each.fullmatch(word) for each in _FIGURES)


@lru_cache(maxsize=_REMEMBERED)
def is_public(word: str) -> bool:
    """Return whether a word of a sentence identifies nobody; a role can still have this name."""
    return is_of_aws(word) or is_figure(word) or any(each.fullmatch(word) for each in _IN_SENTENCES)


def is_public_host(word: str) -> bool:
    """Return whether a word is an AWS host without an owner: `ssm.eu-west-3.amazonaws.com`."""
    if _HOST.fullmatch(word) is None:
        return False
    labels = re.sub(
        r"\.?(?:amazonaws\.com(?:\.cn)?|api\.aws|amazonaws\.eu|amazon\.com|amazonaws-us-gov\.com)$", "", word
    )
    return all(_PUBLIC_LABEL.fullmatch(each) or each in ("docs", "console") for each in labels.split(".") if each)


def is_spoken(word: str) -> bool:
    """Return whether a word is in ssmtui's own sentences and pages, in any language, or in AWS's error messages."""
    return word.casefold() in _vocabulary()


@cache
def _slugs() -> frozenset[str]:
    causes = catalogue(Language.ENGLISH).values()
    return frozenset(
        (
            *(cause.slug for cause in causes),
            *(fix.slug for cause in causes for fix in cause.fixes),
            *(kind.value for kind in SubjectKind),
            *(WORKSTATION, JOURNAL, PROBE, "default"),
        )
    )


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word.casefold() for text in _spoken() for word in WORD.findall(_HOLE.sub(" ", text)))


def _spoken() -> Iterator[str]:
    yield _AWS_WORDS
    yield from all_sentences()
    for language in Language:
        for cause in catalogue(language).values():
            yield from (cause.title, *(each.text for each in cause.known_by), *(each.title for each in cause.fixes))
            for section in (cause.what_is_wrong, cause.how_to_resolve, cause.to_know):
                yield _FENCED.sub(" ", section)

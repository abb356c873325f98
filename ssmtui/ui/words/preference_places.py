"""What the key, the bucket and the log group that preferences name are here: a sign, and a few words."""

from __future__ import annotations

from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.preferences import EncryptedOnly
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.storage import Bucket, BucketEncryption, Key, KeyElsewhere, LogGroup
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.signs import Sign

FINE = Sign("●", Ink.OK, "ok")
BAD = Sign("✖", Ink.FAIL, marked("stops sessions"))
UNSURE = Sign("?", Ink.UNKNOWN, marked("could not be read"))
PLAIN = Sign("·", Ink.FAINT, "")


def key_state(key: Key | KeyElsewhere | Absent | Moot | Unreadable) -> tuple[Sign, str]:
    """What the session key is."""
    match key:
        case Key(state="Enabled", usage="ENCRYPT_DECRYPT"):
            return FINE, say("enabled, encrypts and decrypts")
        case Key(state=state, usage=usage):
            return BAD, f"{state}, {usage}"
        case KeyElsewhere(region=region, account=account):
            return BAD, say("is in {region}, account {account}", region=region, account=account)
        case other:
            return _answer(other, say("is not there"))


def bucket_state(facts: RegionFacts) -> tuple[Sign, str]:
    """What the log bucket is."""
    match facts.bucket:
        case Bucket(foreign=True):
            return UNSURE, say("is another account's, which does not let us look")
        case Bucket() as bucket:
            where = say("in {region}, ", region=bucket.region) if bucket.region else ""
            sign, encryption = _encryption(facts.bucket_encryption)
            return sign, where + encryption
        case other:
            return _answer(other, say("is not there"))


def _encryption(answer: BucketEncryption | Absent | Moot | Unreadable) -> tuple[Sign, str]:
    match answer:
        case BucketEncryption(algorithm=algorithm, key_arn=key):
            return FINE, say(
                "encrypted ({algorithm}{value})",
                algorithm=algorithm,
                value=", " + key.rpartition("/")[2] if key else "",
            )
        case other:
            return _answer(other, say("not encrypted"))


def log_group_state(group: LogGroup | Absent | Moot | Unreadable) -> tuple[Sign, str]:
    """What the log group is."""
    match group:
        case LogGroup(key_arn=None):
            return PLAIN, say("not encrypted with a key")
        case LogGroup(key_arn=str(key)):
            return FINE, say("encrypted ({key})", key=key.rpartition("/")[2])
        case other:
            return _answer(other, say("is not there"))


def switch_state(state: EncryptedOnly, target: str, noun: str) -> tuple[str, Sign, str]:
    """What an "only encrypted" switch is set to, as a value, a sign and a meaning."""
    match state:
        case EncryptedOnly.ON if target:
            return say("on"), PLAIN, say("sessions start only with an encrypted {noun}", noun=noun)
        case EncryptedOnly.ON:
            return say("on"), PLAIN, say("without effect: there is no {noun}", noun=noun)
        case EncryptedOnly.OFF:
            return (
                say("off"),
                PLAIN,
                say("an unencrypted {noun} is accepted", noun=noun) if target else say("there is no {noun}", noun=noun),
            )
        case EncryptedOnly.REFERENCE:
            return say("a reference"), *reference_state()
        case EncryptedOnly.PARAMETER:
            return say("a parameter"), UNSURE, say("whoever starts a session chooses it")
        case EncryptedOnly.MALFORMED:
            return say("malformed"), BAD, say("is neither true nor false")


def reference_state() -> tuple[Sign, str]:
    """What is to be said of a value that a parameter holds."""
    return UNSURE, say("a reference: its value needs ssm:GetParameter")


def _answer(answer: object, absent: str) -> tuple[Sign, str]:
    match answer:
        case Absent():
            return BAD, absent
        case Unreadable(action, why_):
            return UNSURE, say("needs {action}", action=action) if action else why_
        case Moot(why_):
            return PLAIN, why_
        case _:
            return UNSURE, say("could not be read")

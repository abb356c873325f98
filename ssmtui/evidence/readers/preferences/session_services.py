"""Which AWS services the sessions of a Region need besides Systems Manager's own."""

from __future__ import annotations

from ssmtui.evidence.gathering.reading import derives
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.preferences import SessionPreferences, SessionServices


@derives
def session_services(preferences: SessionPreferences) -> SessionServices | Moot:
    """By what the preferences name, whether or not it exists. In the order in which the agent asks for them."""
    named = (("kms", preferences.kms_key), ("logs", preferences.log_group), ("s3", preferences.s3_bucket))
    names = tuple(service for service, setting in named if setting)
    return SessionServices(names) if names else Moot(say("the preferences need no service besides Systems Manager"))

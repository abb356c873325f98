"""The environment that points an AWS SDK or the AWS CLI at the simulated AWS and at nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

CALLER_ACCESS_KEY: Final = "ASIASIMULATORCALLER1"
"""The access key of the role that looks at the simulated account; what it may do is for its policies to say."""


def environment(endpoint_url: str, region: str, token: str = "simulated") -> dict[str, str]:  # noqa: S107 - made up
    """The variables to set; the credentials are made up and good for nothing but this simulator.

    `token` is by what it knows who started it.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": CALLER_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": "simulated",
        "AWS_SESSION_TOKEN": token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        # A proxy of the person's own must not be asked for loopback.
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def without_aws_variables(surroundings: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """An environment with every AWS variable of the person taken out (a profile, an endpoint) and these put in."""
    kept = {name: value for name, value in surroundings.items() if not name.startswith("AWS_")}
    return kept | dict(variables)

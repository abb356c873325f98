"""The API clients that seeding uses."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.session import Session

from ssmtui.simulator.state import SEEDING_ACCESS_KEY

# The simulator answers at once or is broken: a retry would only hide that.
_CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)


class Clients:
    """One client a service and Region, with the access key that passes the gate."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session = Session()
        self._clients: dict[tuple[str, str], Any] = {}

    def of(self, service: str, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
        """The client of a service in a Region."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self._session.create_client(
                service,
                region_name=region,
                endpoint_url=self._endpoint_url,
                aws_access_key_id=SEEDING_ACCESS_KEY,
                aws_secret_access_key="simulated",  # noqa: S106 - nobody checks it
                config=_CONFIG,
            )
        return self._clients[service, region]


@lru_cache(maxsize=1)
def clients_of(endpoint_url: str) -> Clients:
    """The clients for an endpoint: making them anew takes longer than building a small world."""
    return Clients(endpoint_url)

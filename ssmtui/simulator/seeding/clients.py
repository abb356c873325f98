"""The API clients that seeding uses: they ask the application itself, without a connection to its server."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config
from botocore.session import Session
from urllib3 import HTTPResponse
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ssmtui.simulator.state import SEEDING_ACCESS_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# By an address, S3 and moto find the bucket in the path.
_NOWHERE: Final = "http://127.0.0.1"
# The simulator answers at once or is broken: a retry would only hide that.
_CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)


class Clients:
    """One client a service and Region, with the access key that passes the gate."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._session = Session()
        self._clients: dict[tuple[str, str], Any] = {}

    def of(self, service: str, region: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
        """The client of a service in a Region."""
        if (service, region) not in self._clients:
            client = self._session.create_client(
                service,
                region_name=region,
                endpoint_url=_NOWHERE,
                aws_access_key_id=SEEDING_ACCESS_KEY,
                aws_secret_access_key="simulated",  # noqa: S106 - nobody checks it
                config=_CONFIG,
            )
            client.meta.events.register("before-send", self._answer)
            self._clients[service, region] = client
        return self._clients[service, region]

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """What botocore takes instead of sending a request."""
        told = {name: each.decode() if isinstance(each, bytes) else each for name, each in request.headers.items()}
        builder = EnvironBuilder(path=request.url, method=request.method, headers=told, data=request.body or b"")
        chunks, status, headers = run_wsgi_app(self._application, builder.get_environ())
        raw = HTTPResponse(io.BytesIO(b"".join(chunks)), preload_content=False)
        return AWSResponse(request.url, int(status.partition(" ")[0]), HeadersDict(headers.items()), raw)


@lru_cache(maxsize=1)
def clients_of(application: WSGIApplication) -> Clients:
    """The clients of an application: making them anew takes longer than building a small world."""
    return Clients(application)

"""Schemathesis over every operation of a running service: whatever is sent, the answer is a declared one.

`make test` sends a bounded number of requests; `make prove` many more, SCHEMATHESIS_EXAMPLES an operation.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, CheckContext, Response
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from clientbase.api.answer_headers import NAMES
from clientbase.app import create_app
from tests.resources import MAKERS, named
from tests.service import Service, running

FEW, MANY = 12, int(os.environ.get("SCHEMATHESIS_EXAMPLES", "300"))
STREAM = "follow_run"
"""It answers until its run ends; tests of its own read it."""
LONGEST_URL = 60_000
COMMON = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


def described(*, coverage: bool) -> schemathesis.BaseSchema:
    """The description as Schemathesis reads it, without the operation that answers with a stream."""
    config = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": coverage}}})
    schema = schemathesis.openapi.from_dict(create_app().openapi(), config=config)
    return schema.exclude(operation_id=STREAM)


def declared_headers(_: CheckContext, response: Response, case: Case) -> None:
    """Headers with a meaning are sent only where they are declared."""
    answer = case.operation.definition.raw["responses"][str(response.status_code)]
    undeclared = {name.lower() for name in NAMES} - {name.lower() for name in answer["headers"]}
    assert undeclared & response.headers.keys() == set()


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    declared_headers,
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole product with a small demo base."""
    limits = {"CLIENTBASE_HEAVY_REQUESTS_PER_MINUTE": "1000000"}
    with running(tmp_path_factory.mktemp("service"), demo_clients=100, environment=limits) as service:
        yield service


@pytest.fixture
def existing(service: Service) -> Callable[[str], str]:
    """Something real of a collection, made when an operation first asks for it."""

    async def make(collection: str) -> str:
        headers = {"Authorization": f"Bearer {service.key}"}
        async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=60) as api:
            return await MAKERS[collection](api)

    @cache
    def get(collection: str) -> str:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(make(collection))).result()

    return get


@pytest.fixture(scope="module")
def session(service: Service) -> Iterator[requests.Session]:
    """Connections to the service, with a key that may do everything."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {service.key}"
        yield session


def send(case: Case, service: Service, session: requests.Session, existing: Callable[[str], str]) -> None:
    """Send a case as it was made up, and once more to what is really there; judge the answers."""
    judge(case, service, session)
    if "{" in case.path:
        collection, parameter = named(case.path)
        case.path_parameters = {parameter: existing(collection)}
        judge(case, service, session)


def judge(case: Case, service: Service, session: requests.Session) -> None:
    """Addresses that the HTTP server itself refuses for their length never reach the service."""
    response = case.call(base_url=service.url, session=session, timeout=60)
    if len(response.request.url or "") < LONGEST_URL:
        case.validate_response(response, checks=CHECKS)


few, many = described(coverage=False), described(coverage=True)


@few.parametrize()
@settings(COMMON, max_examples=FEW)
def test_every_answer_is_a_declared_one(
    case: Case, service: Service, session: requests.Session, existing: Callable[[str], str]
) -> None:
    send(case, service, session, existing)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@many.parametrize()
@settings(COMMON, max_examples=MANY)
def test_every_answer_is_a_declared_one_at_length(
    case: Case, service: Service, session: requests.Session, existing: Callable[[str], str]
) -> None:
    send(case, service, session, existing)

"""Schemathesis over every operation of a running service: whatever is sent, the answer is a declared one.

`make test` sends a bounded number of requests; `make prove` many more, SCHEMATHESIS_EXAMPLES an operation.
"""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, CheckContext, GenerationMode, Response
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

FEW, MANY = 15, int(os.environ.get("SCHEMATHESIS_EXAMPLES", "300"))
STREAM = "follow_run"
"""It answers until its run ends; tests of its own read it."""
LONG = "list_clients"
"""At the edges of its many lists its address is longer than HTTP servers take."""
LONGEST_URL = 60_000
LEAST_GOOD = 0.2
"""The share of requests that succeed; less would mean that only refusals are tested."""
COMMON = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def described() -> schemathesis.BaseSchema:
    """The description as Schemathesis reads it, without the operation that answers with a stream."""
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_dict(create_app().openapi(), config=config)
    return schema.exclude(operation_id=STREAM)


SCHEMA = described()
OPERATIONS = [
    pytest.param(result.ok(), id=result.ok().definition.raw["operationId"])
    for result in SCHEMA.get_all_operations()
]


def declared_headers(_: CheckContext, response: Response, case: Case) -> None:
    """Headers with a meaning are sent only where they are declared."""
    answer = case.operation.definition.raw["responses"].get(str(response.status_code))
    if answer is None:
        return  # another check judges the status; 405 for another method is declared nowhere
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


@dataclass
class Judge:
    """Sends cases to a running service, and counts what it answers."""

    service: Service
    session: requests.Session
    statuses: Counter[int] = field(default_factory=Counter)
    made: dict[tuple[str, str], str] = field(default_factory=dict)

    def send(self, case: Case) -> None:
        """Send a case as it was made up, and once more to what is really there; judge the answers."""
        self._send(case)
        if "{" in case.path:
            case.path_parameters = {
                parameter: self.existing(collection, case.operation.label)
                for parameter, collection in named(case.path).items()
            }
            self._send(case)

    def _send(self, case: Case) -> None:
        """Addresses that the HTTP server itself refuses for their length never reach the service."""
        response = case.call(base_url=self.service.url, session=self.session, timeout=60)
        self.statuses[response.status_code] += 1
        if len(response.request.url or "") < LONGEST_URL:
            case.validate_response(response, checks=CHECKS)

    def existing(self, collection: str, operation: str) -> str:
        """Something real of a collection, one for each operation: some delete it."""
        known = self.made.get((collection, operation))
        if known is None:
            with ThreadPoolExecutor(1) as pool:
                known = pool.submit(lambda: asyncio.run(self._make(collection))).result()
            self.made[collection, operation] = known
        return known

    async def _make(self, collection: str) -> str:
        headers = {"Authorization": f"Bearer {self.service.key}"}
        async with httpx.AsyncClient(base_url=self.service.url, headers=headers, timeout=60) as api:
            return await MAKERS[collection](api)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """The whole product with a small demo base. In the end most requests must have got to its heart."""
    limits = {"CLIENTBASE_HEAVY_REQUESTS_PER_MINUTE": "1000000"}
    folder = tmp_path_factory.mktemp("service")
    with running(folder, demo_clients=100, environment=limits) as service, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {service.key}"
        judge = Judge(service, session)
        yield judge
    total, good = judge.statuses.total(), sum(n for status, n in judge.statuses.items() if status < 300)
    print(f"schemathesis: {total} requests, {dict(sorted(judge.statuses.items()))}")
    assert judge.statuses.keys().isdisjoint({401, 429})
    assert good >= total * LEAST_GOOD


def examine(operation: APIOperation, judge: Judge, examples: int) -> None:
    """Send cases that fit the description and cases that do not."""
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    unfitting = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(COMMON, max_examples=examples)
    @given(st.one_of(fitting, fitting, unfitting))
    def send(case: Case) -> None:
        judge.send(case)

    send()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_a_declared_one(operation: APIOperation, judge: Judge) -> None:
    examine(operation, judge, FEW)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_a_declared_one_at_length(operation: APIOperation, judge: Judge) -> None:
    examine(operation, judge, MANY)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_the_edges_of_every_schema(judge: Judge) -> None:
    """Examples, and every bound of every schema from both sides, by Schemathesis as a program."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,"
    checks += "response_headers_conformance,response_schema_conformance"
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", judge.service.url + "/openapi.json", "--phases", "examples,coverage"]
    command += ["--checks", checks, "--continue-on-failure"]
    for name in (STREAM, LONG):
        command += ["--exclude-operation-id", name]
    command += ["-H", f"Authorization: Bearer {judge.service.key}"]
    done = subprocess.run(command, cwd=judge.service.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:]

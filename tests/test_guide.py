"""Every example of the guide and of the typed client, run against a service with a demo base."""

from collections.abc import Iterator

import httpx
import pytest

from tests import node
from tests.guide import GUIDE, Request, filled, holds, read_examples, read_requests
from tests.service import Service, running, wait_for
from tests.test_openapi import COMMITTED, DESCRIPTION

EXAMPLES = read_examples(GUIDE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole product with a demo base whose segments have been computed."""
    with running(tmp_path_factory.mktemp("service"), demo_clients=300) as service:
        with service.client() as api:
            wait_for(lambda: all(row["state"] == "ready" for row in api.get("/segments").json()["items"]))
        yield service


def send(client: httpx.Client, request: Request, variables: dict[str, str]) -> httpx.Response:
    """What the curl would do."""
    headers = {name: filled(value, variables) for name, value in request.headers.items()}
    body = request.body.encode() if request.body is not None else None
    return client.request(request.method, filled(request.url, variables), headers=headers, content=body)


def test_the_guide_is_true_from_its_beginning_to_its_end(service: Service) -> None:
    variables = {"URL": service.url, "KEY": service.key}
    assert len(EXAMPLES.steps) > 15
    with httpx.Client(timeout=60) as client:
        for step in EXAMPLES.steps:
            for request in step.requests:
                answer = send(client, request, variables)
                if request.capture is not None:
                    variables[request.capture[0]] = str(answer.json()[request.capture[1]])
                expected = request.status
                assert answer.is_success if expected is None else answer.status_code == expected, (
                    step.line,
                    answer.text,
                )
            if step.expected is not None and request.method == "GET":
                wait_for(lambda: holds(send(client, request, variables).json(), step.expected), 60)  # noqa: B023
            elif step.expected is not None:
                assert holds(answer.json(), step.expected), (step.line, answer.text)


@pytest.mark.parametrize(
    ("line", "tree"), EXAMPLES.filters, ids=[f"line {line}" for line, _ in EXAMPLES.filters]
)
def test_a_filter_of_the_guide_finds_clients(service: Service, line: int, tree: dict[str, object]) -> None:
    with service.client() as api:
        counted = api.post("/clients/count", json={"filter": tree})
        assert counted.status_code == 200, counted.text
        told = api.post("/filter-descriptions", json={"filter": tree}).json()["text"]
        assert len(told) > 20


def test_the_guide_speaks_of_operations_that_there_are() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    known = {path.removeprefix("/api/v1") for path in DESCRIPTION["paths"]}
    spoken = {word for word in text.replace("`", " ").split() if word.startswith("/") and word[1:2].isalpha()}
    outside = {"/openapi.json", "/docs"}
    assert {word.rstrip(",.;:") for word in spoken} - known - outside == set()


def test_wrong_examples_would_be_seen() -> None:
    (request,) = read_requests("curl \"$URL/x\" -H 'A: b'\n# 201")
    assert (request.method, request.url, request.headers, request.status) == (
        "GET",
        "$URL/x",
        {"A": "b"},
        201,
    )
    assert not holds({"a": [{"b": 1}]}, {"a": [{"b": 2}]})
    assert not holds({"a": []}, {"a": [1]})
    assert holds({"a": [{"b": 1, "c": 2}], "d": 3}, {"a": [{"b": 1}]})


def test_the_typed_client_works(service: Service) -> None:
    node.install()
    node.write_types(COMMITTED)
    done = node.node("client.ts", service.url, service.key)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-2:] == ["run succeeded", "problem 404 NOT_FOUND"]

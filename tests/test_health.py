"""Health and metrics, which need no key."""

import httpx


async def test_the_process_answers(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/livez")).json() == {"status": "ok"}


async def test_without_redis_the_service_is_degraded_but_ready(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "database": "ok", "redis": "unreachable"}


async def test_metrics_name_routes_by_their_template(anonymous: httpx.AsyncClient) -> None:
    await anonymous.get("/api/v1/tags/secret-name")
    text = (await anonymous.get("/metrics")).text
    assert '/tags/{code}"' in text
    assert "secret-name" not in text
    assert "clientbase_runs_open" in text


async def test_the_documentation_loads_nothing_from_elsewhere(anonymous: httpx.AsyncClient) -> None:
    page = await anonymous.get("/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "https://" not in page.text
    assert "/api/v1/tags/{code}" in page.text

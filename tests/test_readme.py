"""The first segment of the README, command by command, on a service started as the README says."""

from pathlib import Path

import httpx
import pytest

from tests.curl import commands
from tests.service import running, wait_for

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.timeout(180)
def test_the_first_segment_works_as_it_is_written(tmp_path: Path) -> None:
    with running(tmp_path, demo_clients=2000) as service, httpx.Client(timeout=30) as client:
        requests = commands(README, URL=service.url, KEY=service.key)
        assert len(requests) == 5
        preview, create, members, partner, export = requests
        answer = preview.send(client)
        assert answer.is_success, answer.text
        expected = answer.json()["total"]["value"]
        assert expected > 0
        made = create.send(client)
        assert made.is_success, made.text

        def ready() -> bool:
            with service.client() as api:
                return bool(api.get("/segments/sleeping-vip").json()["state"] == "ready")

        wait_for(ready)
        page = members.send(client).json()
        assert page["total"]["value"] == expected
        assert [item["revenue"] for item in page["items"]] == sorted(
            (item["revenue"] for item in page["items"]), key=float, reverse=True
        )
        assert partner.send(client).json()["total"]["value"] == expected
        started = export.send(client)
        assert started.status_code == 202, started.text

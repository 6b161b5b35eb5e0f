"""The description gives TypeScript types against which a strict client compiles."""

import pytest

from tests import node
from tests.test_openapi import COMMITTED

BROKEN = """
import type { components } from "./api.d.ts";
const node: components["schemas"]["FilterNode"] = { type: "field", field: "city", operator: "like" };
export default node;
"""


@pytest.fixture(scope="module", autouse=True)
def types() -> None:
    """The types of the committed description."""
    node.install()
    node.write_types(COMMITTED)


def test_the_client_compiles() -> None:
    done = node.node("node_modules/typescript/bin/tsc")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_client_that_breaks_the_contract_does_not_compile() -> None:
    (node.FOLDER / "broken.ts").write_text(BROKEN)
    done = node.node("node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "broken.ts")
    assert done.returncode != 0
    assert "TS2322" in done.stdout

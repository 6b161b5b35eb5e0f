"""Codes made from names: free ones, found with few questions."""

import pytest

from clientbase.kit.codes import choose_code


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], "vip"),
        (["vip"], "vip-2"),
        (["vip", *[f"vip-{number}" for number in range(2, 7)]], "vip-7"),
        (["vip", *[f"vip-{number}" for number in range(2, 1001)]], "vip-1001"),
    ],
    ids=["none", "one", "six", "a thousand"],
)
async def test_the_next_free_code_is_found_by_few_questions(taken: list[str], expected: str) -> None:
    asked = []

    async def exists(code: str) -> bool:
        asked.append(code)
        return code in taken

    assert await choose_code(None, "VIP", "tag", exists) == expected
    assert len(asked) <= 25


async def test_a_code_with_a_number_is_no_longer_than_others() -> None:
    async def exists(code: str) -> bool:
        return code == "a" * 63

    assert await choose_code(None, "a" * 80, "tag", exists) == "a" * 61 + "-2"

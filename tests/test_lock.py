"""The locks name everything that pyproject.toml asks for, exactly, and no place to take it from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCKS = {"requirements.lock": list(EXTRAS), "requirements-runtime.lock": ["otel", "xls"]}
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return {canonicalize_name(pin["name"]): pin["version"] for pin in PIN.finditer(text)}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_to_a_version_that_satisfies_it(lock: str) -> None:
    locked = pins(lock)
    wanted = [*PROJECT["dependencies"], *(line for extra in LOCKS[lock] for line in EXTRAS[extra])]
    for requirement in map(Requirement, wanted):
        name = canonicalize_name(requirement.name)
        assert name in locked, f"run `make lock`: {name}"
        assert requirement.specifier.contains(locked[name], prereleases=True), f"run `make lock`: {name}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.partition("make lock\n")[2])
    assert len(entries) > 50
    assert not [entry for entry in entries if PIN.match(entry) is None or "--hash=sha256:" not in entry]
    assert "://" not in text


def test_the_image_runs_what_the_tests_ran() -> None:
    tested = pins("requirements.lock")
    assert pins("requirements-runtime.lock").items() <= tested.items()

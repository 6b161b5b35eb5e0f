"""What a command works with when its servers are named by settings."""

import os
import subprocess
import sys
from pathlib import Path

SHOW = """
import sys
from pathlib import Path
from clientbase.config import settings
from clientbase.embedded.servers import connected

with connected(Path(sys.argv[1]), may_start=False) as addresses:
    print(settings().data_dir, addresses.database_url, addresses.owner_database_url)
"""


def test_the_data_folder_of_the_command_line_counts_with_any_servers(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLIENTBASE_")}
    named = {
        "CLIENTBASE_DATABASE_URL": "postgres://service@elsewhere/base",
        "CLIENTBASE_OWNER_DATABASE_URL": "postgresql://owner@elsewhere/base",
        "CLIENTBASE_REDIS_URL": "redis://elsewhere",
        "CLIENTBASE_SECRET_KEY": "k" * 32,
    }
    shown = subprocess.run(
        [sys.executable, "-c", SHOW, str(tmp_path)],
        env=clean | named,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == [
        str(tmp_path.resolve()), "postgresql://service@elsewhere/base", "postgresql://owner@elsewhere/base",
    ]  # fmt: skip

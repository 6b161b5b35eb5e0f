"""Files that only their owner may read, replaced as a whole or not at all, and the folder of them."""

import os
import tempfile
from pathlib import Path

from clientbase.embedded.errors import EngineError


def make_folder(data_dir: Path) -> Path:
    """The data folder, made at first use. Raises EngineError when it cannot be made."""
    folder = data_dir.expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EngineError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
    return folder


def write_private(path: Path, text: str) -> None:
    """Write the file with mode 0600; a crash leaves the old text or the new one."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)

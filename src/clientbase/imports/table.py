"""The table of kinds of files."""

from collections.abc import Mapping

from clientbase.imports.clients import CLIENTS
from clientbase.imports.kinds import Kind

KINDS: Mapping[str, Kind] = {"clients": CLIENTS}

"""What an export does, as its run keeps it: from the request into the run and back."""

from dataclasses import asdict, dataclass
from typing import Any

RUN_KIND = "export_file"


@dataclass(frozen=True)
class ExportPlan:
    """One export: who (neither a filter nor a segment: everyone), which columns, and how they are written."""

    by_filter: bool
    """Whether a filter says who; it is kept apart from the run, which stays for longer than it may."""
    segment: str | None
    fields: list[str]
    format: str
    language: str
    name: str
    """The file's name for people."""
    personal: bool
    """Whether the file holds personal data."""

    def dump(self) -> dict[str, Any]:
        """As params of the run."""
        return asdict(self)

    @classmethod
    def load(cls, params: dict[str, Any]) -> "ExportPlan":
        """From params of the run."""
        return cls(**params)

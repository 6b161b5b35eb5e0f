"""What an export does, as its run keeps it: from the request into the run and back."""

from dataclasses import asdict, dataclass
from typing import Any

from clientbase.filters import Catalogue, check, uses
from clientbase.kit.errors import Invalid
from clientbase.segments.storage import exact, plain

RUN_KIND = "export_file"


@dataclass(frozen=True)
class ExportPlan:
    """One export: who (None: everyone), which columns, and how they are written."""

    filter: dict[str, Any] | None
    segment: str | None
    fields: list[str]
    format: str
    language: str
    name: str
    """The file's name for people."""
    personal: bool
    """Whether the file holds personal data."""

    def hides_filter(self, catalogue: Catalogue) -> bool:
        """Whether the filter reads personal data as things stand now; one that no longer holds may have."""
        if self.filter is None:
            return False
        try:
            return uses(check(self.filter, catalogue)).personal
        except Invalid:
            return True

    def dump(self) -> dict[str, Any]:
        """As params of the run. Raises Invalid (NUMBER_NOT_KEPT) for a number that cannot be kept exactly."""
        return asdict(self) | {"filter": plain(self.filter)}

    @classmethod
    def load(cls, params: dict[str, Any]) -> "ExportPlan":
        """From params of the run."""
        return cls(**params | {"filter": exact(params["filter"])})

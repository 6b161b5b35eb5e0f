"""What an export does, as its run keeps it: from the request into the run and back."""

from dataclasses import asdict, dataclass, field
from typing import Any

from clientbase.filters import Catalogue, Uses
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
    filter_personal: bool = True
    """Whether the filter read personal data when it was sent."""
    filter_params: list[str] = field(default_factory=list)
    """Client params in the filter: they may become personal later."""
    filter_segments: list[str] = field(default_factory=list)
    """Segments in the filter: so may what they read."""

    def hides_filter(self, catalogue: Catalogue, *, personal: bool) -> bool:
        """Whether the filter reads personal data, as things stand now, and the reader may not."""
        if personal or self.filter is None:
            return False
        named = [catalogue.client_params.get(code) for code in self.filter_params]
        through = [catalogue.segments.get(code) for code in self.filter_segments]
        return self.filter_personal or any(one is None or one.personal for one in (*named, *through))

    @staticmethod
    def standing_on(uses: Uses) -> dict[str, Any]:
        """What is kept of what the filter uses."""
        return {
            "filter_personal": uses.personal,
            "filter_params": sorted(uses.client_params),
            "filter_segments": sorted(uses.segments),
        }

    def dump(self) -> dict[str, Any]:
        """As params of the run. Raises Invalid (NUMBER_NOT_KEPT) for a number that cannot be kept exactly."""
        return asdict(self) | {"filter": plain(self.filter)}

    @classmethod
    def load(cls, params: dict[str, Any]) -> "ExportPlan":
        """From params of the run."""
        return cls(**params | {"filter": exact(params["filter"])})

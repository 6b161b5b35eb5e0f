"""What may be said about an import when it is begun."""

from dataclasses import asdict, dataclass, field
from typing import Any

from clientbase.kit import json
from clientbase.kit.errors import Problem, invalid_at


@dataclass(frozen=True, kw_only=True)
class Options:
    """The choices of one import; None is left to the file or to the usual."""

    kind: str
    name: str = "import.csv"
    source: str | None = None
    """In which source external ids are unique."""
    client_source: str | None = None
    """The same for the clients that facts name; the source where absent."""
    action_type: str | None = None
    mapping: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    decimal: str = "auto"
    date_format: str = "auto"
    on_existing: str = "update"
    blank: str = "keep"
    """Whether blank cells keep what is stored or clear it."""

    def dump(self) -> dict[str, Any]:
        """As it is kept with the run."""
        return asdict(self) | {"mapping": None}

    @property
    def owner_source(self) -> str | None:
        """The source of clients' ids in a file of facts."""
        return self.client_source or self.source


Override = dict[str, str | None] | list[str | None]


@dataclass(frozen=True)
class Columns:
    """The header of a file and, by position, where each column goes; None: nowhere."""

    headers: tuple[str, ...]
    targets: tuple[str | None, ...]
    places: dict[str, list[int]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for place, target in enumerate(self.targets):
            if target is not None:
                self.places.setdefault(target, []).append(place)

    def named(self, targets: list[str]) -> str:
        """The headers of the columns that go there."""
        places = sorted({place for target in targets for place in self.places.get(target, ())})
        return ", ".join(self.headers[place] for place in places)


def read_mapping(text: str | None) -> Override | None:
    """A mapping as it is sent: header → target, or targets by position. Raises Invalid at /mapping."""
    if text is None:
        return None
    try:
        value = json.loads(text.encode())
    except Problem:
        raise invalid_at("/mapping", "INVALID_JSON", "A JSON object or array is expected.") from None
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [0]
    if not all(part is None or isinstance(part, str) for part in parts):
        message = "An object of header → field or null, or an array of fields and nulls by position."
        raise invalid_at("/mapping", "WRONG_TYPE", message)
    return value  # type: ignore[no-any-return]

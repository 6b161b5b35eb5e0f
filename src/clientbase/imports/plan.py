"""What an import does, as its run keeps it: from the request into the run and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clientbase.accounts.schemas import AccountInfo
from clientbase.imports.cells import Reading
from clientbase.imports.kinds import Kind
from clientbase.imports.options import Columns, Options
from clientbase.imports.reader import FileFormat
from clientbase.imports.table import KINDS
from clientbase.imports.targets import Targets
from clientbase.kit.db import AnySession


@dataclass(frozen=True)
class ImportPlan:
    """One import: its file, how it is read, where its columns go."""

    file_id: int
    options: Options
    form: FileFormat
    columns: Columns
    actor: str
    at: datetime

    @property
    def kind(self) -> Kind:
        """What the rows are."""
        return KINDS[self.options.kind]

    def dump(self) -> dict[str, Any]:
        """As params of the run."""
        return {
            "file_id": self.file_id,
            "options": self.options.dump(),
            "format": self.form.dump(),
            "headers": self.columns.headers,
            "targets": self.columns.targets,
            "actor": self.actor,
            "at": self.at.isoformat(),
        }

    @classmethod
    def load(cls, params: dict[str, Any]) -> "ImportPlan":
        """From params of the run."""
        return cls(
            file_id=params["file_id"],
            options=Options(**params["options"]),
            form=FileFormat(**params["format"]),
            columns=Columns(tuple(params["headers"]), tuple(params["targets"])),
            actor=params["actor"],
            at=datetime.fromisoformat(params["at"]),
        )


def reading_of(options: Options, account: AccountInfo) -> Reading:
    """How cells of the file are read."""
    return Reading(ZoneInfo(account.time_zone), options.decimal, options.date_format)


async def targets_of(session: AnySession, account: AccountInfo, options: Options) -> Targets:
    """Where columns of this file can go."""
    return await KINDS[options.kind].targets(session, account, reading_of(options, account))

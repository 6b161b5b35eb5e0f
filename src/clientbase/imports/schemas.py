"""Shapes of imports."""

from typing import Literal

from pydantic import Field

from clientbase.imports.formats import DELIMITERS, MAX_COLUMNS
from clientbase.imports.plan import ImportPlan
from clientbase.kit.schema import Id, Instant, Int, Line, Shape, SourceCode
from clientbase.models import Run, StoredFile
from clientbase.runs.schemas import RunOut

Kind = Literal["clients", "orders", "order_lines", "actions"]
Delimiter = Literal["comma", "semicolon", "tab"]
Encoding = Literal["utf-8", "cp1251"]
_MARKS = {mark: name for name, mark in DELIMITERS.items()}


class ImportQuery(Shape):
    """What may be said about a file beside the file; what is left out is found in it."""

    kind: Kind = Field(description="What the rows are")
    name: Line = Field(default="import.csv", description="The file's name, for people")
    source: SourceCode | None = Field(
        default=None, description="The source in which external ids are unique; needed where there are any"
    )
    client_source: SourceCode | None = Field(
        default=None, description="The source of clients' ids in a file of facts; `source` when absent"
    )
    action_type: str | None = Field(
        default=None, max_length=63, description="The type of all actions, where no column names it"
    )
    mapping: str | None = Field(
        default=None,
        max_length=20_000,
        description="JSON: an object of header → field or null, or an array of fields and nulls by position",
    )
    delimiter: Delimiter | None = None
    encoding: Encoding | None = None
    decimal: Literal["auto", "comma", "point"] = Field(default="auto", description="The decimal mark")
    date_format: Literal["auto", "iso", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy"] = Field(
        default="auto", description="`auto` takes YYYY-MM-DD and DD.MM.YYYY"
    )
    on_existing: Literal["update", "skip"] = Field(
        default="update", description="What becomes of clients that are there already"
    )
    blank: Literal["keep", "clear"] = Field(
        default="keep", description="Whether a blank cell keeps what is stored or clears it"
    )


class FormatOut(Shape):
    """How the file is read."""

    encoding: Encoding
    delimiter: str = Field(max_length=10)
    decimal: str = Field(max_length=10)
    date_format: str = Field(max_length=10)


class ColumnOut(Shape):
    """A column of the file and the field that it goes to; null: nowhere."""

    position: Int = Field(ge=0)
    header: str = Field(max_length=255)
    field: str | None = Field(max_length=255)


class FileOut(Shape):
    """A stored file."""

    name: str = Field(max_length=255)
    size: Int = Field(ge=0, description="Bytes")
    sha256: str = Field(max_length=64)
    expires_at: Instant | None


class ImportOut(Shape):
    """An import: the file, how it is read, and the run that loads it."""

    id: Id = Field(description="Also the id of its run")
    kind: Kind
    source: str | None = Field(max_length=100)
    client_source: str | None = Field(max_length=100)
    action_type: str | None = Field(max_length=63)
    on_existing: str = Field(max_length=10)
    blank: str = Field(max_length=10)
    file: FileOut | None = Field(description="null once it has been deleted after its time")
    format: FormatOut
    columns: list[ColumnOut] = Field(max_length=MAX_COLUMNS)
    run: RunOut
    rejected_rows: str | None = Field(
        max_length=255, description="Where the rejected rows can be downloaded", pattern="^/api/v1/"
    )

    @classmethod
    def of(cls, run: Run, file: StoredFile | None) -> "ImportOut":
        """The shape of a run of this kind."""
        plan = ImportPlan.load(run.params)
        options = plan.options
        rejected = (run.cursor or {}).get("rejected")
        return cls(
            id=run.id,
            kind=options.kind,
            source=options.source,
            client_source=options.client_source,
            action_type=options.action_type,
            on_existing=options.on_existing,
            blank=options.blank,
            file=file and file_out(file),
            format=FormatOut(
                encoding=plan.form.encoding,
                delimiter=_MARKS.get(plan.form.delimiter, plan.form.delimiter),
                decimal=options.decimal,
                date_format=options.date_format,
            ),
            columns=[
                ColumnOut(position=place, header=header, field=field)
                for place, (header, field) in enumerate(
                    zip(plan.columns.headers, plan.columns.targets, strict=True)
                )
            ],
            run=RunOut.of(run),
            rejected_rows=f"/api/v1/imports/{run.id}/rejected-rows" if rejected else None,
        )


def file_out(file: StoredFile) -> FileOut:
    """The shape of a row."""
    return FileOut(name=file.name, size=file.size, sha256=file.sha256, expires_at=file.expires_at)

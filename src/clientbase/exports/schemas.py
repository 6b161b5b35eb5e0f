"""Shapes of exports."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from clientbase.exports.plan import ExportPlan
from clientbase.kit.schema import Bool, Code, Id, Instant, Int, Line, Shape
from clientbase.models import Run, StoredFile
from clientbase.runs.schemas import RunOut
from clientbase.search.filter_schema import Filter
from clientbase.search.schemas import EXAMPLE_FILTER

Format = Literal["csv", "csv-excel", "xlsx"]
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
MAX_FIELDS = 300


class ExportIn(Shape):
    """Whom to export and how: everyone, the clients of a filter, or the members of a segment."""

    filter: Filter | None = Field(default=None, examples=[EXAMPLE_FILTER])
    segment: Code | None = Field(default=None, description="The code of a segment, instead of a filter")
    fields: list[FieldName] | None = Field(
        default=None,
        max_length=MAX_FIELDS,
        description="Columns in their order; the usual ones when absent",
        examples=[["id", "full_name", "phone", "revenue", "params.size"]],
    )
    format: Format = Field(
        default="csv", description="`csv-excel`: as a Russian Excel opens it by a double click"
    )
    language: Literal["ru", "en"] = Field(default="ru", description="Of the header")
    name: Line | None = Field(default=None, description="The file's name without its ending")
    expected_count: Int | None = Field(
        default=None, ge=0, description="Nothing is done (409) when there are more or fewer clients now"
    )


class ExportFileOut(Shape):
    """The file that was made."""

    name: str = Field(max_length=300)
    size: Int = Field(ge=0, description="Bytes")
    sha256: str = Field(max_length=64)
    expires_at: Instant | None
    url: str = Field(max_length=255, description="Where it can be downloaded", pattern="^/api/v1/")


class ExportOut(Shape):
    """An export: what was asked for, the run that makes the file, and the file."""

    id: Id = Field(description="Also the id of its run")
    filter: Filter | None
    filter_hidden: Bool = Field(
        description="It reads personal data and the key lacks clients:personal, or it has ended with the file"
    )
    segment: str | None = Field(max_length=63)
    fields: list[FieldName] = Field(max_length=MAX_FIELDS)
    format: Format
    language: str = Field(max_length=2)
    run: RunOut
    file: ExportFileOut | None = Field(description="null until it is made, and once it has been deleted")

    @classmethod
    def of(
        cls,
        run: Run,
        plan: ExportPlan,
        file: StoredFile | None,
        *,
        filter_: dict[str, Any] | None,
    ) -> "ExportOut":
        """The shape of a run of this kind, of the plan that it keeps and of the file that it made.

        Without its filter the export of a filter says that it is hidden.
        """
        return cls(
            id=run.id,
            filter=filter_,
            filter_hidden=plan.by_filter and filter_ is None,
            segment=plan.segment,
            fields=plan.fields,
            format=plan.format,
            language=plan.language,
            run=RunOut.of(run),
            file=file
            and ExportFileOut(
                name=file.name,
                size=file.size,
                sha256=file.sha256,
                expires_at=file.expires_at,
                url=f"/api/v1/exports/{run.id}/file",
            ),
        )

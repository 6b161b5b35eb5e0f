"""SQL of exports: the runs that made files."""

from clientbase.exports.plan import RUN_KIND
from clientbase.kit.db import AnySession
from clientbase.models import Run
from clientbase.runs.filed import FiledRuns


def exports_of(session: AnySession, account_id: int) -> FiledRuns:
    """The exports of one account with the files that they made."""
    return FiledRuns(session, account_id, kind=RUN_KIND, file_id=Run.cursor["file_id"].as_integer())

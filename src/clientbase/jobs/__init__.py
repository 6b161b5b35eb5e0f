"""The tables of long work: what each kind of run does, and what is done at regular times."""

from collections.abc import Mapping
from datetime import timedelta

from clientbase.files.service import purge as purge_files
from clientbase.jobs.export_file import EXPORT_FILE
from clientbase.jobs.import_file import IMPORT_FILE
from clientbase.jobs.purge import purge
from clientbase.jobs.recalculate import RECALCULATE
from clientbase.jobs.runtime import Job
from clientbase.jobs.schedules import Schedule
from clientbase.search.changes import prune
from clientbase.segments.recalculate import start_due

JOBS: Mapping[str, Job] = {
    "import_file": IMPORT_FILE,
    "export_file": EXPORT_FILE,
    "recalculate": RECALCULATE,
}
"""Kind of a run → how it is done. A worker takes only the kinds that it knows."""

SCHEDULES: tuple[Schedule, ...] = (
    Schedule("recalculate", timedelta(minutes=1), start_due),
    Schedule("purge", timedelta(minutes=10), purge),
    Schedule("prune-changes", timedelta(minutes=1), prune),
    Schedule("purge-files", timedelta(minutes=10), purge_files),
)

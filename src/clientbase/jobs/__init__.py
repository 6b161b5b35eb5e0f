"""The tables of long work: what each kind of run does, and what is done at regular times."""

from collections.abc import Mapping
from datetime import timedelta

from clientbase.files.service import purge as purge_files
from clientbase.jobs.purge import purge
from clientbase.jobs.runtime import Job
from clientbase.jobs.schedules import Schedule

JOBS: Mapping[str, Job] = {}
"""Kind of a run → how it is done. A worker takes only the kinds that it knows."""

SCHEDULES: tuple[Schedule, ...] = (
    Schedule("purge", timedelta(minutes=10), purge),
    Schedule("purge-files", timedelta(minutes=10), purge_files),
)

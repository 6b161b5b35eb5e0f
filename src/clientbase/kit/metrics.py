"""Counters and gauges of the service, in the process's own registry."""

from prometheus_client import Counter, Gauge, Histogram, start_http_server

RUNS_CLAIMED = Counter("clientbase_runs_claimed_total", "Runs that this worker took", ["kind"])
RUNS_ENDED = Counter(
    "clientbase_runs_ended_total",
    "How work on a run ended: succeeded, failed, cancelled, retried, handed_over, lease_lost",
    ["kind", "ending"],
)
RUN_SECONDS = Histogram(
    "clientbase_run_seconds",
    "Time from the claim of a run to its end",
    ["kind"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
RUN_WAIT_SECONDS = Histogram(
    "clientbase_run_wait_seconds",
    "Time from the start of a run to its first claim",
    ["kind"],
    buckets=(0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600),
)
RUNS_OPEN = Gauge("clientbase_runs_open", "Runs that wait or run, of all accounts", ["kind", "state"])
RUNS_OLDEST_SECONDS = Gauge(
    "clientbase_runs_oldest_seconds", "Age of the oldest run that waits or runs", ["kind", "state"]
)
SLOTS_BUSY = Gauge("clientbase_worker_slots_busy", "Runs that this worker works on")
SLOTS_TAKEN = Counter("clientbase_schedule_slots_taken_total", "Slots of schedules taken here", ["job"])
SCHEDULE_ERRORS = Counter(
    "clientbase_schedule_errors_total", "Slots that failed and are tried again", ["job"]
)
SWEEP_ERRORS = Counter("clientbase_sweep_errors_total", "Looks at the table of runs that failed", ["loop"])
LIVE_ROUND_SECONDS = Histogram(
    "clientbase_live_round_seconds",
    "Time of a round that brings an account's live segments up to date",
    buckets=(0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
)
LIVE_CHANGES_WAITING = Gauge(
    "clientbase_live_changes_waiting", "Logged changes that live segments of any account wait to take in"
)
LIVE_LAG_SECONDS = Gauge(
    "clientbase_live_lag_seconds", "Age of the oldest change that a live segment of any account waits for"
)
LIVE_SEGMENTS_CHANGED = Counter(
    "clientbase_live_segments_changed_total", "Segments whose members a round has changed"
)
EVENTS_WAITING = Gauge(
    "clientbase_segment_events_waiting", "Entries and exits of segments that timelines are yet to be told of"
)
EVENTS_TOLD = Counter(
    "clientbase_segment_events_told_total", "Entries and exits that this worker has told timelines of"
)
LEAVES_FOUND = Counter(
    "clientbase_leaves_found_total",
    "Leaves that were brought up to date, or evaluated whole",
    ["how"],
)
LEAVES_DIVERGED = Counter(
    "clientbase_leaves_diverged_total", "Leaves that a recount has found to be wrong, and repaired"
)
CLIENTS_ASKED_AGAIN = Counter(
    "clientbase_clients_asked_again_total", "Clients of whom kept leaves were asked again"
)
LEAF_STORE_ERRORS = Counter(
    "clientbase_leaf_store_errors_total", "Leaves that could not be got or kept in Redis", ["what"]
)
DOORBELL_ERRORS = Counter("clientbase_doorbell_errors_total", "Rings that did not get through", ["side"])


def serve(port: int) -> None:
    """Answer Prometheus on a port of its own, for a process without an HTTP door; 0 means not at all."""
    if port:
        start_http_server(port)

"""SQL of the log of changes: where a session stands, what has changed since, where the log begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyroaring import BitMap64
from sqlalchemy import ARRAY, BigInteger, bindparam, text

from clientbase.kit import clock
from clientbase.kit.db import AnySession, WriteSession
from clientbase.search.bits import unpack
from clientbase.search.snapshots import Snapshot

_STANDPOINT = text("""
SELECT pg_current_snapshot()::text AS snapshot,
       concat_ws('.', system_identifier, timeline_id, current_setting('server_version'),
                 (SELECT oid FROM pg_database WHERE datname = current_database())) AS server,
       current_setting('transaction_isolation') = 'repeatable read'
           AND pg_current_xact_id_if_assigned() IS NULL
           AND NOT pg_is_in_recovery() AS is_firm,
       (SELECT jsonb_object_agg(kind, revision) FROM account_revisions
        WHERE account_id = :account_id) AS revisions,
       (SELECT jsonb_object_agg(facet, pruned_through) FROM change_horizons
        WHERE account_id = :account_id) AS horizons
FROM pg_control_system(), pg_control_checkpoint()
""")
KEPT = timedelta(hours=1)
PRUNED_AT_ONCE = 100_000
"""So that the transaction is short; the rest goes with the next slot."""
_PRUNE = text("""
WITH old AS (
    SELECT account_id, id FROM client_changes WHERE at < :before ORDER BY at LIMIT :at_once
), gone AS (
    DELETE FROM client_changes AS change USING old
    WHERE change.account_id = old.account_id AND change.id = old.id
    RETURNING change.account_id, change.facet, change.xid
)
INSERT INTO change_horizons AS known (account_id, facet, pruned_through)
SELECT gone.account_id, facet, max(xid) FROM gone JOIN accounts ON accounts.id = gone.account_id
GROUP BY gone.account_id, facet
ON CONFLICT (account_id, facet) DO UPDATE
SET pruned_through = greatest(known.pruned_through, excluded.pruned_through)
""")
_CHANGED = text("""
SELECT facet, string_agg(int8send(client_id), ''::bytea)
FROM client_changes, unnest(client_ids) AS client_id
WHERE account_id = :account_id AND (xid >= :ends OR xid = ANY(:running))
GROUP BY facet
""").bindparams(bindparam("running", type_=ARRAY(BigInteger)))


@dataclass(frozen=True)
class Standpoint:
    """What a session sees of an account, and the server whose transactions these are."""

    server: str
    """Another one after a restore or a failover: its transactions are numbered anew."""
    snapshot: Snapshot
    revisions: Mapping[str, int]
    """How often each thing without clients that leaves read has changed."""
    horizons: Mapping[str, int]
    """The newest transaction of each facet of whose changes some have been removed from the log."""


class ChangeRepository:
    """The changes of one account."""

    def __init__(self, session: AnySession, account_id: int) -> None:
        self.session = session
        self.account_id = account_id

    async def standpoint(self) -> Standpoint | None:
        """Where the session stands; None when nothing that it reads may be kept.

        That is so when it does not read one snapshot; when it has written, since a snapshot leaves its own
        transaction out; and on a standby, whose snapshots leave out what runs.
        """
        row = (await self.session.execute(_STANDPOINT, {"account_id": self.account_id})).one()
        if not row.is_firm:
            return None
        return Standpoint(row.server, Snapshot.parse(row.snapshot), row.revisions or {}, row.horizons or {})

    async def since(self, snapshot: Snapshot) -> dict[str, BitMap64]:
        """Clients changed by transactions that the snapshot does not see, by facet."""
        values = {
            "account_id": self.account_id,
            "ends": snapshot.ends,
            "running": sorted(snapshot.running),
        }
        rows = await self.session.execute(_CHANGED, values)
        return {facet: unpack(ids) for facet, ids in rows}


async def prune(session: WriteSession, slot: datetime) -> None:
    """Remove old changes from the log; leaves that have not seen them are evaluated whole from now on.

    By DELETE, which snapshots from before still see through; the horizon moves in the same transaction.
    """
    await session.execute(_PRUNE, {"before": clock.now() - KEPT, "at_once": PRUNED_AT_ONCE})

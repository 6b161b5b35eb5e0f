"""The proof of kept leaves: each is evaluated whole and compared, id by id, with what had become of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from clientbase.filters import Leaf
from clientbase.kit import metrics
from clientbase.kit.logging import get_logger
from clientbase.search.kept import Kept
from clientbase.search.kept_leaves import KeptLeaves, Look

MOST_IDS = 100
LEAF_DIVERGED = "LEAF_DIVERGED"
log = get_logger(__name__)


@dataclass(frozen=True)
class Divergence:
    """A leaf that had been brought up to other clients than are its: it has been repaired."""

    leaf: str
    """Its key: the field or action asked about, and a digest of the condition."""
    clients: int
    ids: tuple[int, ...]
    """Some of the clients that it was wrong about."""


class ProvingLeaves(KeptLeaves):
    """Evaluates every leaf whole, in the same snapshot and at the same instant, and keeps what it finds."""

    divergences: tuple[Divergence, ...] = ()

    async def _find_out_and_keep(self, unknown: Mapping[str, Leaf], look: Look) -> None:
        brought = await self._brought(unknown)
        whole = await self._evaluated(unknown, look)
        self._compare(brought, whole)
        await self._keep(unknown, whole)

    def _compare(self, brought: Mapping[str, Kept], whole: Mapping[str, Kept]) -> None:
        for key in brought.keys() & whole.keys():
            wrong = brought[key].ids ^ whole[key].ids
            if wrong:
                divergence = Divergence(key, len(wrong), tuple(wrong[:MOST_IDS]))
                self.divergences += (divergence,)
                metrics.LEAVES_DIVERGED.inc()
                log.error(
                    "leaf_diverged",
                    code=LEAF_DIVERGED,
                    leaf=key,
                    clients=divergence.clients,
                    ids=divergence.ids,
                )

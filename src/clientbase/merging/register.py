"""What a merge does to every table that holds clients; a test fails for a table that is not named here.

Deleting a client needs no second list: every table hangs off `clients` by a foreign key that cascades, which
the same test checks. Memberships of segments are bitmaps and have a use case of their own in `segments`.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from clientbase.models import (
    Action,
    Client,
    ClientAlias,
    ClientConsent,
    ClientContact,
    ClientHistory,
    ClientIdentity,
    ClientParamValue,
    ClientSearch,
    ClientStats,
    ClientTag,
    ClientVisits,
    Order,
    OrderLine,
    OrderParamValue,
    OrderStatusChange,
    Refund,
    SegmentPin,
)


class Handling(Enum):
    """What becomes of the rows of a client that is merged away."""

    CARD = "card"
    """Part of the card: joined with the survivor's, whose values win."""
    MOVE = "move"
    """Facts: they become the survivor's."""
    COUNTED = "counted"
    """Counted from facts: the survivor's are counted anew."""
    SEGMENTS = "segments"
    """Handled by the segments, in the use case that changes their members."""


HANDLING: Mapping[Any, Handling] = {
    Client: Handling.CARD,
    ClientContact: Handling.CARD,
    ClientIdentity: Handling.CARD,
    ClientParamValue: Handling.CARD,
    ClientTag: Handling.CARD,
    ClientConsent: Handling.CARD,
    ClientSearch: Handling.CARD,
    ClientHistory: Handling.MOVE,
    ClientAlias: Handling.MOVE,
    Order: Handling.MOVE,
    OrderLine: Handling.MOVE,
    OrderParamValue: Handling.MOVE,
    OrderStatusChange: Handling.MOVE,
    Refund: Handling.MOVE,
    Action: Handling.MOVE,
    ClientStats: Handling.COUNTED,
    ClientVisits: Handling.COUNTED,
    SegmentPin: Handling.SEGMENTS,
}

"""The mark of a field that a row does not name: what is stored stays."""

from enum import Enum


class Keep(Enum):
    """Neither a value nor None (which clears the field)."""

    KEEP = "keep"


KEEP = Keep.KEEP

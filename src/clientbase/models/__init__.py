"""Tables: importing this package registers all of them on `Base.metadata`."""

from clientbase.models.accounts import Account, ApiKey, FieldChoice, IdempotencyKey, StoredFile
from clientbase.models.actions import BUILT_IN_TYPE_IDS, Action, ActionType
from clientbase.models.base import Base
from clientbase.models.changes import AccountRevision, ChangeHorizon, ClientChange, LiveState
from clientbase.models.clients import (
    Client,
    ClientAlias,
    ClientConsent,
    ClientContact,
    ClientHistory,
    ClientIdentity,
    ClientSearch,
    ClientStats,
    ClientTag,
    ClientVisits,
    Tag,
)
from clientbase.models.exports import ExportFilter
from clientbase.models.orders import (
    Order,
    OrderLine,
    OrderStatus,
    OrderStatusChange,
    Product,
    ProductGroup,
    Refund,
)
from clientbase.models.params import ClientParamValue, OrderParamValue, Param, ParamChoice
from clientbase.models.runs import Run, ScheduleSlot
from clientbase.models.segments import (
    Segment,
    SegmentChange,
    SegmentDependency,
    SegmentMembership,
    SegmentPin,
)

__all__ = [
    "BUILT_IN_TYPE_IDS", "Account", "AccountRevision", "Action", "ActionType", "ApiKey", "Base",
    "ChangeHorizon", "Client", "ClientAlias", "ClientChange",
    "ClientConsent", "ClientContact", "ClientHistory", "ClientIdentity", "ClientParamValue", "ClientSearch",
    "ClientStats", "ClientTag", "ClientVisits", "ExportFilter", "FieldChoice", "IdempotencyKey", "LiveState",
    "Order", "OrderLine", "OrderParamValue", "OrderStatus", "OrderStatusChange", "Param", "ParamChoice",
    "Product", "ProductGroup", "Refund", "Run", "ScheduleSlot", "Segment", "SegmentChange",
    "SegmentDependency", "SegmentMembership", "SegmentPin", "StoredFile", "Tag",
]  # fmt: skip

"""Every table that holds clients is named in the register, and goes with its client."""

from clientbase.merging.register import HANDLING
from clientbase.models import Base


def test_every_table_with_clients_is_registered() -> None:
    holding = {table.name for table in Base.metadata.tables.values() if "client_id" in table.columns}
    assert holding | {"clients"} == {model.__tablename__ for model in HANDLING}


def test_every_table_with_clients_goes_with_its_client() -> None:
    cascading = {"clients"}
    grown = True
    while grown:
        grown = False
        for table in Base.metadata.tables.values():
            parents = {
                key.referred_table.name for key in table.foreign_key_constraints if key.ondelete == "CASCADE"
            }
            if table.name not in cascading and parents & cascading:
                cascading.add(table.name)
                grown = True
    assert {model.__tablename__ for model in HANDLING} <= cascading

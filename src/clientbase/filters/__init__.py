"""The filter engine: a JSON tree becomes leaves, a leaf becomes one SELECT of client ids, bitmaps become members.

Pure: no session, no HTTP; everything about an account comes in a `Catalogue` value. The way of a filter:

    catalogue = Catalogue(time_zone="Europe/Moscow", currency_exponent=2, region="RU", ...)
    checked = check(raw_json, catalogue)                  # Invalid with all errors at once, pointers from the tree
    plan_ = plan(checked, catalogue)                      # Plan(root, leaves: {key: Leaf}, segments: ids)
    moment = Moment(now, ZoneInfo(catalogue.time_zone))   # one instant for the whole evaluation
    for key, leaf in plan_.leaves.items():
        select = compile_leaf(leaf, account_id, moment)   # one column of client ids, each once
    members = combine(plan_, leaf_bitmaps, segment_bitmaps, universe)

Signatures:

    parse(raw: object) -> Tree                                            raises Invalid (structure and limits only)
    check(raw: object, catalogue: Catalogue) -> Checked                   raises Invalid (everything)
    uses(checked: Checked | None) -> Uses
    plan(checked: Checked | None, catalogue: Catalogue) -> Plan           None is everyone
    compile_leaf(leaf: Leaf, account_id: int, moment: Moment) -> Select[tuple[int]]
    compile_universe(account_id: int) -> Select[tuple[int]]
    combine(plan, leaves: Mapping[str, BitMap64], segments: Mapping[int, BitMap64], universe: BitMap64) -> BitMap64
    describe(checked: Checked | None, locale: str) -> str                 a sentence, "ru" or "en"
    catalogue_rows(catalogue: Catalogue, locale: str) -> list[dict[str, object]]     for GET /filter-fields
"""

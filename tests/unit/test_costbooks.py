import pytest

from sewerzone import costbooks
from sewerzone.costbooks import SHIPPED, load
from sewerzone.errors import ConfigError

OWN = """
name = "own"
title = "Our town"
currency = "JPY"
price_year = 2024
source = "tender results 2023"
[items.sewer]
quantity_unit = "m"
includes_manholes = true
road_factors = { major = 1.2 }
[items.sewer.construction]
kind = "depth_table"
diameters_mm = [150, 300]
depths_m = [2.0, 2.001, 4.0]
prices = [[80000, 100000, 120000], [90000, 120000, 150000]]
mark = "P"
[items.johkasou_14]
quantity_unit = "tank"
construction = { kind = "flat", price = 2000000, mark = "P" }
upkeep = { kind = "flat", price = 140000, mark = "S", source = "contractor's quotation" }
life_yr = { years = 30, mark = "S" }
"""


def write(tmp_path, text, name="own.toml"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_book_prices_every_needed_item_with_generic_behind_it(name):
    book = load(name, "generic")
    for key in ("sewer", "pressure_main", "pump", "treatment", "plant_small", "johkasou_5", "johkasou_7", "johkasou_10",
                "crossing_river", "crossing_railway", "crossing_motorway", "crossing_other", "easement"):  # fmt: skip
        item = book.item(key)
        for lives in ("actual", "statutory"):
            assert 5 <= item.life(lives).years <= 100
        for figure in (item.construction, item.upkeep):
            assert figure.mark in "PSU"
            assert figure.source


def test_fuji_never_claims_an_upkeep_of_its_plants():
    alone = load("fuji_2018")
    assert alone.items["treatment"].upkeep is None
    with pytest.raises(ConfigError, match="no upkeep of 'treatment'"):
        alone.item("treatment")
    both = load("fuji_2018", "generic").item("treatment")
    assert (both.construction.mark, both.construction.book) == ("P", "fuji_2018")
    assert (both.upkeep.mark, both.upkeep.book) == ("U", "generic")


def test_all_figures_of_fuji_are_published_and_snip_and_rust_are_second_hand():
    for name, mark in (("fuji_2018", "P"), ("snip_2015", "S"), ("rust_2021", "S")):
        figures = [
            f for i in load(name).items.values() for f in (i.construction, i.upkeep, i.life_yr, i.statutory_life_yr) if f
        ]
        assert figures
        assert {f.mark for f in figures} == {mark}


def test_project_assumptions_are_labelled_and_unverified():
    main = load("fuji_2018", "generic").item("pressure_main")
    assert "project assumption" in main.construction.source
    assert {main.construction.mark, main.upkeep.mark, main.life_yr.mark} == {"U"}


def test_own_book_speaks_first_and_each_missing_figure_falls_back(tmp_path):
    book = load("own.toml", "generic", base_dir=write(tmp_path, OWN))
    sewer = book.item("sewer")
    assert (sewer.construction.book, sewer.upkeep.book, sewer.life_yr.book) == ("own", "generic", "generic")
    assert sewer.construction.source == "tender results 2023"
    assert sewer.construction.price_year == 2024
    assert sewer.road_factors == {"major": 1.2}
    assert book.item("johkasou_14").upkeep.source == "contractor's quotation"
    assert "johkasou_14" in book.keys()  # noqa: SIM118
    assert book.find("energy") is None


def test_unknown_name_lists_the_shipped_books():
    with pytest.raises(ConfigError, match="fuji_2018, generic, snip_2015, rust_2021"):
        load("fuji_2019")


def test_missing_item_names_item_books_and_remedy():
    with pytest.raises(ConfigError, match=r"'johkasou_50' in 'fuji_2018' or 'generic'.*fallback"):
        load("fuji_2018", "generic").item("johkasou_50")


def test_two_foreign_currencies_are_refused():
    with pytest.raises(ConfigError, match=r"CHF.*CNY"):
        load("snip_2015", "rust_2021")


def test_a_book_may_be_its_own_fallback():
    assert load("generic", "generic").fallback is None


def test_all_problems_are_listed_at_once(tmp_path):
    text = OWN.replace('mark = "P"', 'mark = "X"').replace("price = 140000", "price = -1").replace("years = 30", "years = 0")
    text += '[items.sewr]\nquantity_unit = "m"\nconstrution = 3\n'
    with pytest.raises(ConfigError) as caught:
        load("own.toml", base_dir=write(tmp_path, text))
    message = str(caught.value)
    for part in ("items.sewer.construction.mark", "johkasou_14.upkeep", "johkasou_14.life_yr.years", "sewr.construtio"):
        assert part in message


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("[items.johkasou_14]", "[items.johkaso_14]", "no item 'johkaso_14'"),
        ("[2.0, 2.001, 4.0]", "[2.0, 2.0, 4.0]", "depths_m must rise"),
        ("[150, 300]", "[300, 150]", "diameters_mm must rise"),
        ("[80000, 100000, 120000]", "[80000, 100000]", "one row per diameter"),
        ("[80000, 100000, 120000]", "[80000, 100000, 90000]", "never cheaper"),
        ('kind = "flat", price = 2000000', 'kind = "power", a = 1, q0 = 1, b = 1', "johkasou_14.construction is 'power'"),
        ('kind = "flat", price = 2000000', 'kind = "flat", price = "much"', "price"),
        ('kind = "flat", price = 2000000', 'kind = "cubic", price = 1', "kind"),
        ('name = "own"', 'name = "own', "not a readable TOML"),
    ],
)
def test_wrong_books_are_refused_with_the_rule(tmp_path, old, new, rule):
    assert old in OWN
    with pytest.raises(ConfigError, match=rule):
        load("own.toml", base_dir=write(tmp_path, OWN.replace(old, new)))


def test_parsing_does_not_need_a_file():
    with pytest.raises(ConfigError, match="name"):
        costbooks.parse({"items": {}})

"""Where prices come from, in the language of what is handed over."""

import re
from dataclasses import replace
from itertools import product

import openpyxl
import pandas as pd
import pytest

from sewerzone import costbooks
from sewerzone.costbooks import SHIPPED, cited, parse, payers
from sewerzone.errors import ConfigError
from sewerzone.output import explain, report, spoken, workbook
from tests.plans import small_plan

JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
ENGLISH = re.compile(r"assumption|quoted|published|\blife\b|construction|upkeep|prices|study:|\bof\b")


def _figures(item):
    parts = (
        ("construction", item.construction),
        ("upkeep", item.upkeep),
        ("life", item.life_yr),
        ("life", item.statutory_life_yr),
    )
    return [(name, figure) for name, figure in parts if figure is not None]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_source_of_a_shipped_book_is_told_in_japanese_alone_and_with_every_other_of_its_item(name):
    book = costbooks.load(name, "generic")
    texts = []
    for key in sorted({*book.items, *costbooks.load("generic").items}):
        parts = _figures(book.find(key))
        texts += [cited.cited(figure) for _, figure in parts]
        texts += [cited.together([one, other]) for one, other in product(parts, parts)]
        texts += [cited.beyond(cited.together(parts), 600)]
    said = cited.in_japanese(texts, book)
    assert set(said) == set(texts)
    for text, japanese in said.items():
        assert JAPANESE.search(japanese), text
        assert not ENGLISH.search(japanese.replace("Environmental Management", "")), japanese
        assert {mark[-1] for mark in re.findall(r", [PSU](?=\])", text)} == set(re.findall(r"確度([PSU])", japanese)), (
            "nothing is lost"
        )
        assert ("carried on" in text) == ("外挿" in japanese)


@pytest.mark.parametrize("name", payers.SHIPPED)
def test_every_source_of_shares_is_told_in_japanese(name):
    book = payers.load(name)
    told = [book.source_of(one) for one in book.measures.values()]
    told += ["; ".join([f.source for f in book.household.amounts()][:2]), book.title]
    said = cited.in_japanese(told, costbooks.load("generic"), book)
    for text in told:
        japanese = said.get(text, text)
        assert JAPANESE.search(japanese)
        assert not ENGLISH.search(japanese), japanese


def _own(**sources):
    sewer = {"kind": "flat", "price": 9, "mark": "P"}
    return parse(
        {
            "name": "own",
            "title": "t",
            "currency": "JPY",
            **sources,
            "items": {"sewer": {"quantity_unit": "m", "construction": sewer}},
        }
    )


@pytest.mark.parametrize(
    ("sources", "kept", "told"),
    [
        ({"source": "tenders 2023"}, "tenders 2023", "tenders 2023[単価表 own、確度P]"),
        ({"source_ja": "令和5年度入札"}, "令和5年度入札", "令和5年度入札[単価表 own、確度P]"),
        ({"source": "tenders 2023", "source_ja": "令和5年度入札"}, "tenders 2023", "令和5年度入札[単価表 own、確度P]"),
    ],
)
def test_a_book_of_ones_own_may_tell_its_sources_in_one_language_or_two(sources, kept, told):
    book = _own(**sources)
    figure = book.find("sewer").construction
    assert cited.cited(figure) == f"{kept} [own, P]"
    assert cited.in_japanese([cited.cited(figure)], book) == {f"{kept} [own, P]": told}


def test_a_figures_own_source_goes_before_the_books_in_every_language():
    book, price = _own(source="tenders", source_ja="入札"), {"kind": "flat", "price": 9, "mark": "P", "source": "a quotation"}
    figure = parse({
        "name": "own", "title": "t", "currency": "JPY", "source": "tenders", "source_ja": "入札",
        "items": {"sewer": {"quantity_unit": "m", "construction": price}},
    }).find("sewer").construction  # fmt: skip
    assert (book.find("sewer").construction.source_ja, figure.source_ja) == ("入札", "a quotation")


def test_a_book_without_any_source_is_refused():
    with pytest.raises(ConfigError, match="no source"):
        _own()


def test_parts_of_a_price_from_one_source_are_told_together():
    item = costbooks.load("fuji_2018", "generic").find("johkasou_5")
    fuji = "富士市生活排水処理長期計画(平成30年4月) 第8章[単価表 fuji_2018、2018年価格、確度P]"
    text = cited.together([("construction", item.construction), ("life", item.life_yr)])
    assert list(cited.in_japanese([text], costbooks.load("fuji_2018", "generic")).values()) == [fuji]
    other = cited.together([("construction", item.construction), ("life", item.statutory_life_yr)])
    (said,) = cited.in_japanese([other], costbooks.load("fuji_2018", "generic")).values()
    assert said == f"建設費: {fuji}; 耐用年数: 富山県の旧基準(一般に引用される値)[単価表 generic、確度U]"


def test_what_no_book_says_keeps_its_words():
    text = "somebody's own words; life: of nobody"
    assert cited.in_japanese([text, ""], costbooks.load("generic")) == {}


@pytest.fixture
def plan():
    """A plan in Japanese whose run knew the Japanese of its sources."""
    small = small_plan("ja")
    costs = small.costs.assign(source=[f"book {k % 2} [own, P]" for k in range(len(small.costs))])
    return replace(
        small, costs=costs, run={**small.run, "sources_ja": {"book 0 [own, P]": "出典甲", "book 1 [own, P]": "出典乙"}}
    )


def test_explain_names_sources_in_the_language_of_its_text(plan):
    (unit,) = explain.explain(plan, [int(plan.units.loc[plan.units["system_id"].isna(), "unit_id"].iloc[0])])
    assert "出典甲" in explain.text(unit, "ja")
    assert "book 0" not in explain.text(unit, "ja")
    assert "book 0" in explain.text(unit, "en")
    assert "出典甲" not in explain.text(unit, "en")


def test_report_and_workbook_name_sources_in_their_language(plan, tmp_path):
    for language, told, other in (("ja", "出典甲", "book 0"), ("en", "book 0", "出典甲")):
        page = report.html(plan, language)
        assert told in page
        assert other not in page
        workbook.write(plan, tmp_path / "w.xlsx", language)
        cells = " ".join(
            str(c) for s in openpyxl.load_workbook(tmp_path / "w.xlsx") for row in s.iter_rows(values_only=True) for c in row
        )
        assert told in cells
        assert other not in cells


def test_a_plan_stored_before_sources_had_japanese_keeps_its_words():
    old = small_plan("ja")
    assert spoken.of_language(old, "ja") is old
    pd.testing.assert_series_equal(spoken.in_japanese(old, old.costs["source"]), old.costs["source"])

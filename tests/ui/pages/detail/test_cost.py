from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Cost, Price, cost_of
from app.domain.usage import Usage, UsageSource
from app.ui.pages.detail.cost import CostTab, aligned, bill, by_provider, parts, price_of
from tests.fakes import sample
from tests.fakes.conversations import PRICE, agent_detail

DETAIL = agent_detail(sample.rows(3)[2])
ROW = DETAIL.row


def test_the_bill_adds_up_in_aligned_figures():
    assert bill(ROW) == [
        ("Input", "1,840", "3.00", "0.0055200"),
        ("Read from the cache", "48,200", "0.30", "0.0144600"),
        ("Written to the cache", "2,310", "3.75", "0.0086625"),
        ("Output", "612", "15.00", "0.0091800"),
        ("Total", "52,962", "", "0.0378225"),
    ]


def test_an_estimate_is_signed_in_every_line():
    row = replace(ROW, usage=replace(ROW.usage, source=UsageSource.ESTIMATED))
    assert all(line[1].startswith("≈") and line[3].startswith("≈") for line in bill(row))


def test_no_price_is_not_zero():
    lines = bill(replace(ROW, cost=None))
    assert [line[3] for line in lines] == ["unpriced"] * 5
    unused = replace(ROW, usage=Usage(source=UsageSource.NONE), cost=None)
    assert [line[3] for line in bill(unused)][:4] == ["–"] * 4


def test_web_searches_are_a_class_of_their_own_where_there_were_any():
    usage = replace(ROW.usage, web_searches=2)
    row = replace(ROW, usage=usage, cost=cost_of(usage, replace(PRICE, web_search_nusd=10_000_000)))
    assert parts(row)[-1] == ("Web searches", 2, 20_000_000)


@given(st.integers(1, 10**7), st.integers(0, 10**11))
def test_the_price_is_found_back_from_the_bill(tokens, nusd_per_mtok):
    cost = cost_of(Usage(tokens), Price(nusd_per_mtok, 0, 0, 0, 0))
    found = price_of(tokens, cost.input_nusd)
    if found is not None and cost.input_nusd > 10**5:
        assert abs(found - nusd_per_mtok) <= nusd_per_mtok / 1_000


def test_all_amounts_have_the_decimals_of_the_finest():
    assert aligned([1_500_000_000, 4_200_000, None, 0]) == ("1.5000", "0.0042", "", "0.0000")
    assert aligned([2_000_000_000]) == ("2.00",)
    assert aligned([]) == ()


async def test_the_tab_says_where_the_figures_come_from(show, tasks):
    tab = show(CostTab(tasks), 500, 400)
    tab.show_detail(DETAIL, "")
    assert tab.usage_source.text() == "Reported by the provider"
    assert tab.price_source.text() == "genai-prices 0.2.3: anthropic/claude-sonnet-4-8"
    assert tab.thinking.text() == "96 tokens of the output"
    assert not tab.note.isVisible()
    tab.show_detail(replace(DETAIL, row=replace(ROW, cost=None)), "")
    assert "left open rather than shown as zero" in tab.note.text()
    own = replace(ROW.cost, total_nusd=99, source="reported by the provider")
    tab.show_detail(replace(DETAIL, row=replace(ROW, cost=own)), "")
    assert "what the provider itself charged" in tab.note.text()
    assert by_provider(own)
    assert not by_provider(Cost(1, 2, 3, 4, 0, 10, ""))
    for source in UsageSource:
        tab.show_detail(replace(DETAIL, row=replace(ROW, usage=replace(ROW.usage, source=source))), "")
        assert tab.usage_source.text()

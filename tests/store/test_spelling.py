"""What is made of a name and of what is typed, before any database."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.spelling import spelling, text_queries, vector

QUOTED = re.compile(r"'[^\W_]+'|'[\^+=][^\W_]+'")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("重庆", "重 ^重 +chong +c 庆 +qing +q"),
        ("银行", "银 ^银 +yin +y 行 +hang +h"),
        ("行", "行 ^行 +xing +x +hang +h"),  # no phrase decides: both readings
        ("长", "长 ^长 +zhang +z +chang +c"),
        ("铝", "铝 ^铝 +lv +l"),
        ("Ａ ① é", "a ^a +a 1 +1 é +e"),
        ("—", ""),
    ],
)
def test_words_of_a_name(name: str, words: str) -> None:
    assert set(re.findall(r"'([^']+)'", vector(name, None))) == set(words.split())


def test_no_phrase_runs_from_name_into_code() -> None:
    assert re.findall(r"'([房b])':(\d+)", vector("厂房", "B")) == [("房", "2"), ("b", "4")]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("xian", {"+xian*", "+xi +an*", "+xia +n*", "+xi +a +n*", "+x +i +a +n", "x i a n"}),
        ("zhid", {"+zhi +d*", "+z +h +i +d", "z h i d"}),
        ("zhi房", {"+zhi 房", "+z +h +i 房", "z h i 房"}),  # what is not last does not break off
        ("lv", {"+lv*", "+l +v", "l v"}),
        ("lue", {"+lve*", "+lu +e*", "+l +u +e", "l u e"}),
        ("nue房", {"+nve 房", "+nu +e 房", "+n +u +e 房", "n u e 房"}),
    ],
)
def test_readings_of_letters(text: str, phrases: set[str]) -> None:
    meant = text_queries(text)

    assert meant is not None
    result = {re.sub(r"[()':]| <->", "", item).strip() for item in meant.all.split("|")}
    assert result == phrases


def test_the_spelling_leaves_out_the_legal_form() -> None:
    assert [spelling(name) for name in ("重庆智鼎有限责任公司", "公司", "18号厂房")] == [
        "chongqingzhiding",
        "gongsi",
        "18haochangfang",
    ]


@given(st.text(max_size=100))
def test_nothing_typed_reaches_the_query_language(text: str) -> None:
    meant = text_queries(text)

    if meant is not None:
        for query in (*meant.ranked, meant.all, meant.loose):
            assert re.sub(r"<->|:\*|[ &|!()]", "", QUOTED.sub("", query)) == "", query


@pytest.mark.parametrize("text", ["xian" * 25, "a1" * 50, "xian房" * 20, "xian " * 20, "zhuang" * 16, "n" * 100])
def test_long_texts_stay_small(text: str) -> None:
    meant = text_queries(text)

    assert meant is not None
    assert len(meant.all) < 30_000

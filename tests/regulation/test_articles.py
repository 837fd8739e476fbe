"""Every article has a home that cites it, or a reason why the program has no duty."""

from pathlib import Path

import pytest

from regulation.articles import COUNT, Article, articles, cited

ROOT = Path(__file__).parents[2]
PACKAGES = ("regulation", "routing", "telephony", "storage", "web", "config")


def test_the_regulation_has_28_articles_in_order_each_with_its_text() -> None:
    assert [article.number for article in articles()] == list(range(1, COUNT + 1))
    assert all(article.title and article.text for article in articles())
    assert articles()[10].title == "办理"
    assert "1、5、10" in articles()[10].text
    assert articles()[27].text == "本管理办法自发布之日起实施。"


@pytest.mark.parametrize("article", articles(), ids=lambda article: f"art{article.number}")
def test_an_article_has_a_home_that_cites_it_or_a_reason(article: Article) -> None:
    assert article.homes or article.rest
    for home in article.homes:
        text = (ROOT / home).read_text(encoding="utf-8")
        assert article.number in cited(text), f"{home} does not cite Art. {article.number}"


def test_what_a_module_cites_is_an_article_that_has_a_home() -> None:
    homeless = [
        f"{file.relative_to(ROOT)} cites Art. {number}, which regulation/articles.py gives no home"
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if file.name != "articles.py"
        for number in sorted(cited(file.read_text(encoding="utf-8")))
        if not any(article.number == number and article.homes for article in articles())
    ]
    assert homeless == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(Art. 9, 10)", {9, 10}),
        ("Art. 12(3) counts repeat calls, 3 included", {12}),
        ("Art. 3 and 9: what is registered", {3, 9}),
        ("Art. 11(1), 11(2)", {11}),
        ("article 9", set()),
    ],
)
def test_citations_are_read_from_prose(text: str, numbers: set[int]) -> None:
    assert cited(text) == numbers

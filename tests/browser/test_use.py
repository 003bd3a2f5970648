"""What people do on the pages: change the language, look up a code, read what to do, come back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.browser.visits import LANGUAGES, NARROW, PAGES, WIDE

NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}


@pytest.mark.parametrize("name", PAGES)
def test_the_language_is_changed_on_the_spot(visit, name):
    with visit(NARROW) as opened:
        page = opened.go(PAGES[name], "en")
        headings = set()
        for language in LANGUAGES:
            page.get_by_role("link", name=NAMES[language], exact=True).click()
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.get_by_role("link", name=NAMES[language], exact=True)).to_have_attribute(
                "aria-current", "true"
            )
            assert page.url == f"{opened.address}{PAGES[name]}?lang={language}"
            headings.add(page.locator("h1").inner_text())
        assert len(headings) == len(LANGUAGES)


def test_the_first_language_is_the_browser_s_and_goes_along(visit):
    with visit(locale="sv-FI") as opened:
        page = opened.go("/")
        expect(page.locator("h1")).to_have_text("Nationellt läkemedelsverifikationssystem")
        page.get_by_role("link", name="Slå upp en returkod").click()
        expect(page.locator("h1")).to_have_text("Returkoder")
        page.get_by_role("link", name="51220200").click()
        expect(page.locator("html")).to_have_attribute("lang", "sv")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_code_is_found_by_its_number_and_says_what_to_do(visit, size):
    with visit(size) as opened:
        page = opened.go("/codes", "en")
        page.get_by_label("Find a code").fill("51220200")
        found = page.locator("tbody tr:visible")
        expect(found).to_have_count(1)
        expect(page.locator("output")).to_have_text("Codes found: 1")
        expect(found).to_be_in_viewport()
        expect(found).to_contain_text("Do not supply the pack before the cause is known.")
        found.get_by_role("link").click()
        expect(page.locator(".verdict")).to_contain_text("Raises an alert")
        steps = page.get_by_role("heading", name="What to do").locator("xpath=following-sibling::ul[1]/li")
        expect(steps.first).to_have_text("Do not supply the pack before the cause is known.")
        assert steps.count() > 3
        page.get_by_role("link", name="All operation codes").click()
        expect(page.locator("#c51220200")).to_be_in_viewport()


def test_codes_are_found_by_words_in_any_order_and_what_is_not_found_is_told(visit):
    with visit() as opened:
        page = opened.go("/codes", "en")
        everything = page.locator("tbody tr:visible").count()
        box = page.get_by_label("Find a code")
        box.fill("STOLEN alert")
        rows = page.locator("tbody tr:visible")
        assert 0 < rows.count() < everything
        assert all(re.search("stolen", text, re.IGNORECASE) for text in rows.all_inner_texts())
        box.fill("stolen moon")
        expect(rows).to_have_count(0)
        expect(page.locator("output")).to_have_text("No code has all these words.")
        expect(page.locator("main h2:visible")).to_have_count(0)
        box.fill("")
        expect(rows).to_have_count(everything)
        expect(page.locator("output")).to_have_text("")


def test_without_scripts_the_codes_are_all_there_and_are_found_by_the_server(visit):
    with visit(java_script_enabled=False) as opened:
        page = opened.go("/codes", "sv")
        page.get_by_label("Sök en kod").fill("51220200")
        page.get_by_role("button", name="Sök").click()
        expect(page.locator("tbody tr:visible")).to_have_count(1)
        expect(page.locator("output")).to_have_text("Antal koder: 1")
        page = opened.go("/codes", "en")
        everything = page.locator("tbody tr:visible").count()
        page.get_by_label("Find a code").fill("STOLEN alert")
        page.get_by_label("Find a code").press("Enter")
        assert 0 < page.locator("tbody tr:visible").count() < everything
        page.get_by_label("Find a code").fill("stolen moon")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("output")).to_have_text("No code has all these words.")
        expect(page.locator("main h2:visible")).to_have_count(0)
        page = opened.go("/codes", "en")
        expect(page.locator("#c51220200")).to_be_visible()
        page.get_by_role("navigation", name="Kinds of answer").get_by_role("link", name="Supply").click()
        expect(page.locator("#supply")).to_be_in_viewport()


def test_the_contents_of_the_interface_stay_in_sight_and_lead_there(visit):
    with visit() as opened:
        page = opened.go("/docs", "en")
        contents = page.get_by_role("navigation", name="On this page")
        contents.get_by_role("link", name="Fetch the outcome of a bulk request").click()
        expect(page.locator("h3:target")).to_have_text("Fetch the outcome of a bulk request")
        expect(page.locator("h3:target")).to_be_in_viewport()
        expect(contents).to_be_in_viewport()


@pytest.mark.parametrize("path", ["/codes", "/docs"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_screen_is_of_use(visit, path, language):
    """The search of the codes with the first of them; where all addresses begin and how to get a token."""
    with visit() as opened:
        page = opened.go(path, language)
        for selector in {
            "/codes": ["#find", "#c11110100"],
            "/docs": ["a[href='#verifyPack'] >> nth=-1", ".facts"],
        }[path]:
            expect(page.locator(selector)).to_be_in_viewport(ratio=1 if selector == "#find" else 0.5)


@pytest.mark.parametrize("name", ["start", "codes", "no such page"])
def test_the_browser_refuses_what_the_page_does_not_bring_itself(visit, name):
    """The policy of the pages (`Content-Security-Policy`) is in force, and not only sent."""
    with visit() as opened:
        page = opened.go(PAGES[name], "en")
        refused = page.evaluate(
            """() => new Promise((tell) => {
              const refused = [];
              document.addEventListener('securitypolicyviolation', (event) => {
                refused.push(event.effectiveDirective);
                if (refused.length === 3) tell(refused.sort());
              });
              const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set));
              add('script', {textContent: 'window.harmed = true'});
              add('img', {src: 'http://127.0.0.2:9/x.png'});
              add('style', {textContent: 'body { display: none }'});
            })"""
        )
        assert refused == ["img-src", "script-src-elem", "style-src-elem"]
        assert page.evaluate("'harmed' in window") is False
        opened.errors.clear()  # Chromium reports each of the three
        opened.elsewhere.clear()

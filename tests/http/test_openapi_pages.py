"""The public pages: in three languages, whole, without anything from elsewhere, and sound as HTML."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import httpx
import pytest
from starlette.applications import Starlette

from sinetti.contracts.endpoints import ENDPOINTS
from sinetti.kit.problems import problem_texts
from sinetti.kit.settings import Settings
from sinetti.kit.web import problem_handlers
from sinetti.nmvs.http.documentation import routes
from sinetti.nmvs.http.pages.render import sentences
from sinetti.rules.alerts.read import GUIDED
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language

RULES = load_rules()
CODES = [code for code in RULES.codes.values() if code.texts]
PAGES = ["/", "/docs", "/codes", "/problems/malformed-json", f"/codes/{CODES[0].code}"]
LANGUAGES = [language.value for language in Language]
VOID = {"meta", "link", "img", "input", "br", "hr"}


@pytest.fixture
async def client():
    app = Starlette(routes=routes(RULES, Settings()), exception_handlers=problem_handlers())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://nmvs.example"
    ) as client:
        yield client


class Page(HTMLParser):
    """What a page is made of; fails where tags do not fit."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_sound(client, path, language):
    answer = await client.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    page = Page(answer.text)
    assert page.all("html") == [{"lang": language}]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), "a heading is skipped"
    assert all("scope" in cell for cell in page.all("th"))
    assert all("alt" in image for image in page.all("img"))
    for _, attributes in page.tags:
        for name in ("aria-labelledby", "for"):
            assert attributes.get(name) is None or attributes[name] in ids
    first_link = page.all("a")[0]
    assert (first_link["class"], first_link["href"]) == ("skip", "#content")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_takes_nothing_from_elsewhere_and_runs_nothing_inline(client, path):
    answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    page = Page(answer.text)
    for tag, attributes in page.tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "/").startswith(("/", "#")), (tag, attributes)
    assert "style" not in [tag for tag, _ in page.tags]
    assert all("src" in script for script in page.all("script"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
async def test_every_link_of_a_page_leads_somewhere(client, path, language):
    page = Page((await client.get(path, params={"lang": language})).text)
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    targets = {
        attributes.get("href") or attributes.get("src")
        for attributes in page.all("a", "link", "script", "img")
    }
    elsewhere = set()
    for target in targets:
        assert target is not None
        address, _, anchor = target.partition("#")
        if address:
            elsewhere.add((address, anchor))
        else:
            assert anchor in ids, target
    for address, anchor in elsewhere:
        if address.startswith("/health"):
            continue  # another part's
        answer = await client.get(address)
        assert answer.status_code == 200, address
        assert not anchor or f'id="{anchor}"' in answer.text, (address, anchor)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_code_has_a_page_that_says_what_it_means_and_what_to_do(client, language):
    for code in CODES:
        answer = await client.get(f"/codes/{code.code}", params={"lang": language})
        shown = Page(answer.text).text
        text = code.texts[Language(language)]
        assert code.code in shown
        assert text.message in shown
        assert text.meaning.split(".")[0] in shown
        assert text.action.split(".")[0] in shown


async def test_a_code_that_is_never_given_or_is_none_has_no_page(client):
    unused = next(code.code for code in RULES.codes.values() if not code.texts)
    for number in (unused, "00000000", "x", "%00"):
        answer = await client.get(f"/codes/{number}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/codes/99999999", "/problems/none", "/none", "/none/at/all", "/%22%3E%3Cb%3E"]
)
async def test_a_person_with_a_wrong_address_gets_a_page_and_a_program_a_problem(client, path, language):
    answer = await client.get(path, params={"lang": language}, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-language"]) == (404, language)
    assert "Accept" in answer.headers["vary"]
    page = Page(answer.text)
    assert len(page.all("h1")) == 1
    assert not page.all("b")
    ways = {attributes.get("href") for attributes in page.all("a")}
    assert {f"/codes?lang={language}", f"/docs?lang={language}", f"{path}?lang=sv"} <= ways
    answer = await client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_wrong_method_and_a_slash_too_many_are_told_apart_from_a_wrong_address(client):
    assert (await client.post("/codes", headers=BROWSER)).status_code == 405
    answer = await client.get("/codes/", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (307, "http://nmvs.example/codes")


async def test_no_other_site_is_reached_through_the_address_of_a_missing_page(client):
    page = Page((await client.get("http://nmvs.example//evil.example/x", headers=BROWSER)).text)
    assert not [link for link in page.all("a") if (link["href"] or "").startswith("//")]


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_what_a_code_says_falls_into_the_same_sentences_in_all_languages(code):
    """The pages show one step a line; an abbreviation with a full stop would break a step in two."""
    for field in ("meaning", "action"):
        parts = [sentences(getattr(code.texts[language], field)) for language in Language]
        for part in itertools.chain(*parts):
            assert re.fullmatch(r"[A-ZÅÄÖ0-9].{10,}[.!?]", part), part
        assert len({len(part) for part in parts}) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_address_of_every_problem_leads_to_a_page_about_it(client, language):
    for key, text in problem_texts(language).items():
        answer = await client.get(f"/problems/{key}", params={"lang": language})
        assert answer.status_code == 200, key
        shown = Page(answer.text).text
        assert text.title in shown
        assert "{" not in shown


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_of_a_code_of_chapter_6_has_the_steps_for_everybody(client, language):
    rules = RULES
    words = rules.alerts.words[language]
    for number, kind in rules.alerts.kinds.items():
        shown = Page((await client.get(f"/codes/{number}", params={"lang": language})).text).text
        for reader in GUIDED:
            for step in rules.alerts.guidance[kind, reader]:
                assert words("guidance", step.step) in shown, (number, reader, step.step)
    plain = Page((await client.get("/codes/11110100", params={"lang": language})).text).text
    assert words("guidance", "no_return") not in plain


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_table_of_codes_has_every_code_once(client, language):
    page = Page((await client.get("/codes", params={"lang": language})).text)
    rows = [attributes["id"] for attributes in page.all("tr") if "id" in attributes]
    assert sorted(filter(None, rows)) == sorted(f"c{code.code}" for code in CODES)


async def test_the_page_of_the_interface_tells_of_every_route(client):
    text = (await client.get("/docs", params={"lang": "en"})).text
    for endpoint in ENDPOINTS:
        assert f'id="{endpoint.name}"' in text
        for path in endpoint.paths:
            assert f"<code>{path}</code>" in text


async def test_examples_begin_with_the_address_that_clients_use():
    for settings, base in [
        (Settings(), "http://nmvs.example:8080"),
        (Settings(public_url="https://api-fi.example/x"), "https://api-fi.example/x"),
    ]:
        app = Starlette(routes=routes(RULES, settings), exception_handlers=problem_handlers())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://nmvs.example:8080"
        ) as client:
            text = (await client.get("/docs")).text
            assert f"curl -X POST {base}/identity/connect/token" in text
            document = (await client.get("/openapi.json")).json()
            assert document["servers"] == [{"url": base}]


async def test_the_language_is_the_address_s_then_the_header_s_then_the_country_s(client):
    async def language(query, header):
        return (await client.get(f"/{query}", headers=header)).headers["content-language"]

    assert await language("", {}) == "fi"
    assert await language("", {"Accept-Language": "sv-FI"}) == "sv"
    assert await language("?lang=en", {"Accept-Language": "sv-FI"}) == "en"
    assert await language("?lang=xx", {"Accept-Language": "sv-FI"}) == "sv"


async def test_an_address_with_markup_in_it_does_no_harm(client):
    answer = await client.get("/docs", headers={"Host": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.text


async def test_files_are_served_with_their_type_and_no_others(client):
    for name, media_type in [
        ("pages.css", "text/css"),
        ("filter.js", "text/javascript"),
        ("seal.svg", "image/svg+xml"),
    ]:
        answer = await client.get(f"/assets/{name}")
        assert answer.headers["content-type"].startswith(media_type)
        assert answer.headers["x-content-type-options"] == "nosniff"
    for name in ("nothing.css", "__init__.py", "..%2Frender.py"):
        assert (await client.get(f"/assets/{name}")).status_code == 404


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


async def test_text_can_be_read_by_day_and_by_night(client):
    """WCAG 2.2 criterion 1.4.3: text stands out from its ground by 4.5 to 1."""
    style = (await client.get("/assets/pages.css")).text
    for block in re.findall(r":root {([^}]*--paper[^}]*)}", style):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))
        colours = {
            name: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])
            for name, value in colours.items()
        }
        grounds = [(name, "paper") for name in ("ink", "quiet", "link")] + [
            ("ink", "shade"),
            ("link", "shade"),
        ]
        grounds += [(name, f"{name}-paper") for name in ("green", "amber", "red")]
        for ink, paper in grounds:
            light, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper)

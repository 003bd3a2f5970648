"""The demo country as a stranger meets it: start, try what it says, print the sheet, stop, go on another day."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from PIL import Image, ImageDraw
from tests.journeys.commands import Running, running, sinetti, token_of

from sinetti.demo.load import load_country
from sinetti.demo.sheet import code_on_sheet
from sinetti.gs1.images import read_codes

READY = "reset throws them away"
SAMPLES = [sample.key for sample in load_country(date(2026, 11, 20)).samples]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One demo for the tests that leave each other's packs alone."""
    home = tmp_path_factory.mktemp("demo")
    with running(home, "demo", "start", "--port", "0", ready=READY) as started:
        yield started


@pytest.fixture(scope="module")
def authorised(demo: Running) -> dict[str, str]:
    """Access tokens by client id, of all that may have one."""
    return {
        client["clientId"]: token_of(demo.address, client["clientId"], client["clientSecret"])
        for organisation in demo.demo["organisations"]
        for location in organisation["locations"]
        for client in location["clients"]
        if client["lockedReason"] is None
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_pack_gives_the_answer_that_demo_json_promises(demo, authorised, name):
    [sample] = [one for one in demo.demo["samplePacks"] if one["name"] == name]
    if sample["until"] is not None and datetime.fromisoformat(sample["until"]) <= datetime.now(UTC):
        pytest.skip(f"held until {sample['until']}")
    answer = httpx.request(
        "GET" if sample["operation"] == "verify" else "PATCH",
        demo.address + sample["path"],
        headers={
            "Authorization": f"Bearer {authorised[sample['clientId']]}",
            "emvs-data-entry-mode": sample["entryMode"],
            "Accept-Language": "en",
        },
        json=None if sample["requestedState"] is None else {"state": sample["requestedState"]},
        timeout=20,
    )
    told = answer.json()
    assert (answer.status_code, told["operationCode"]) == (sample["httpStatus"], sample["operationCode"])
    assert ("alertId" in told) == sample["alert"]


def test_the_samples_are_listed_to_choose_from(demo):
    told = json.loads(sinetti(demo.home, "demo", "samples", "--json").stdout)
    assert told == demo.demo["samplePacks"]
    listed = sinetti(demo.home, "demo", "samples", "--language", "sv").stdout
    assert "verify-active: En aktiv förpackning" in listed
    assert listed.count("Kodens text") == len(told)


def test_equipment_that_was_replaced_gets_no_token(demo):
    [locked] = [
        client
        for organisation in demo.demo["organisations"]
        for location in organisation["locations"]
        for client in location["clients"]
        if client["lockedReason"] is not None
    ]
    form = {
        "grant_type": "client_credentials",
        "client_id": locked["clientId"],
        "client_secret": locked["clientSecret"],
    }
    answer = httpx.post(demo.demo["tokenUrl"], data=form, timeout=20)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_the_credentials_are_for_the_owner_only(demo):
    assert stat.S_IMODE((demo.home / "demo.json").stat().st_mode) == 0o600


def test_a_second_demo_of_the_same_folder_is_told_where_the_first_is(demo):
    second = sinetti(demo.home, "demo", "start", "--port", "0")
    assert second.returncode == 2
    assert f"is running at {demo.address}" in second.stderr


def test_a_running_demo_is_not_thrown_away_under_its_users(demo):
    ran = sinetti(demo.home, "demo", "reset", "--yes")
    assert ran.returncode == 2
    assert "stop it first" in ran.stderr
    assert (demo.home / "demo.json").exists()


def test_a_port_that_is_used_is_told_or_gone_around(demo, tmp_path):
    port = demo.address.rpartition(":")[2]
    ran = sinetti(tmp_path, "demo", "start", "--port", port)
    assert ran.returncode == 2
    assert f"port {port} on 127.0.0.1 is used by another program" in ran.stderr


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_every_code_on_the_sheet_reads_back_as_the_pack_it_stands_for(demo, tmp_path, language):
    sheet = tmp_path / "sheet.html"
    ran = sinetti(demo.home, "demo", "sheet", "--output", str(sheet), "--language", language)
    assert ran.returncode == 0, ran.stderr
    page = sheet.read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    assert not re.search(r"(?:src|href)=|@import|url\(", page), "the page needs nothing from elsewhere"
    first_day = datetime.fromisoformat(demo.demo["seededAt"]).astimezone(ZoneInfo("Europe/Helsinki")).date()
    on_sheet = {one.key: one for one in load_country(first_day).samples if one.sheet_group}
    cards = re.findall(r'<li class="card" id="([a-z0-9-]+)">.*?(<svg.*?</svg>)', page, re.DOTALL)
    assert {key for key, _ in cards} == on_sheet.keys()
    # The drawings are the same in all languages, so one page is read in full.
    for key, svg in cards if language == "fi" else cards[:2]:
        [code] = read_codes(drawn(svg))
        assert code.scan.serial_number == on_sheet[key].serial_number, key
        assert code.text.removeprefix("]d2").removeprefix("]d1") == code_on_sheet(on_sheet[key]), key


def drawn(svg: str) -> Image.Image:
    """The picture that a browser makes of the drawing: dark runs of modules, five pixels each."""
    size = re.search(r'viewBox="0 0 (\d+) \d+"', svg)
    assert size is not None
    side = int(size[1])
    picture = Image.new("L", (side * 5, side * 5), 255)
    draw = ImageDraw.Draw(picture)
    dark = re.findall(r'<path d="([^"]+)"', svg)[-1]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", dark):
        left, top, length = int(x), int(y), int(width)
        draw.rectangle([left * 5, top * 5, (left + length) * 5 - 1, top * 5 + 4], fill=0)
    return picture


def test_a_stranger_tries_the_three_lines_stops_and_goes_on_another_day(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with running(home, "demo", "start", "--port", "0", ready=READY) as first:
        lines = [line for line in first.said.splitlines() if line.startswith(("TOKEN=", "curl "))]
        assert len(lines) == 3
        tried = subprocess.run(
            ["bash", "-e"], input="\necho\n".join(lines), capture_output=True, text=True, check=True
        )
        verified, supplied = (json.loads(line) for line in tried.stdout.split("\n") if line.strip())
        assert (verified["operationCode"], verified["state"]) == ("11110100", "Active")
        assert (supplied["operationCode"], supplied["state"]) == ("11210200", "Supplied")
        before = first.demo
        assert first.stop(signal.SIGINT) == 0
    with running(home, "demo", "start", "--port", "0", "--workers", "2", ready=READY) as again:
        after = again.demo
        assert after["baseUrl"] == again.address
        assert {**after, **{name: before[name] for name in after if name.endswith("Url")}} == before
        [sample] = [one for one in after["samplePacks"] if one["name"] == "supply-active"]
        ran = sinetti(home, "verify", sample["scan"], "--json")
        told = json.loads(ran.stdout)
        assert ran.returncode == 1
        assert (told["answer"]["operationCode"], told["answer"]["state"]) == ("11110201", "Supplied")
        assert again.stop(signal.SIGTERM) == 0
    assert_history_and_reset(home, sample)


def assert_history_and_reset(home: Path, sample: dict[str, str]) -> None:
    """The record is there without a server, and the reset leaves nothing of the demo."""
    pack = (sample["productCode"], sample["serialNumber"], "--ground", "Tried by the owner of the demo")
    ran = sinetti(home, "history", *pack, "--json")
    assert [event["operation_code"] for event in json.loads(ran.stdout)] == ["11210200", "11110201"]
    assert sinetti(home, "demo", "reset", stdin="n\n").returncode == 1
    assert (home / "demo.json").exists()
    ran = sinetti(home, "demo", "reset", "--yes")
    assert ran.returncode == 0, ran.stderr
    assert not (home / "demo.json").exists()
    ran = sinetti(home, "history", *pack)
    assert ran.returncode == 2
    assert "sinetti migrate" in ran.stderr

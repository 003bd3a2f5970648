"""The command line against real parts: a national system set up by script, packs scanned, and people's mistakes."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from tests.journeys.commands import Running, running, sinetti, token_of

from sinetti.gs1.encode import element_string
from sinetti.gs1.images import write_data_matrix

READY = "serves at"
SECRET = "a-secret-that-came-along-1"

PRODUCT = "09520640000013"
GS = "\x1d"
CODE = f"01{PRODUCT}21ABC123{GS}1731053110RT2605"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A national system of two processes, with one pharmacy whose credentials came from an earlier system."""
    home = tmp_path_factory.mktemp("system")
    with running(home, "serve", "nmvs", "--port", "0", "--workers", "2", ready=READY) as started:
        organisation = added(home, "organisation", "--name", "Koeapteekki", "--kind", "pharmacy")
        location = added(
            home, "location", "--organisation", str(organisation["organisation_id"]), "--name", "Tiski"
        )
        equipment = sinetti(
            home,
            *("equipment", "add", "--location", str(location["location_id"]), "--name", "Kassa", "--json"),
            *("--role", "full_access", "--client-id", "came-along", "--client-secret-stdin"),
            stdin=SECRET,
        )
        assert equipment.returncode == 0, equipment.stderr
        yield started


def added(home, part: str, *options: str) -> dict[str, object]:
    ran = sinetti(home, part, "add", *options, "--json")
    assert ran.returncode == 0, ran.stderr
    told: dict[str, object] = json.loads(ran.stdout)
    return told


def access(system: Running) -> dict[str, str]:
    """Variables that say who asks, and where."""
    return {
        "SINETTI_SERVER": system.address,
        "SINETTI_CLIENT_ID": "came-along",
        "SINETTI_CLIENT_SECRET": SECRET,
    }


def test_a_country_that_moves_keeps_its_systems_credentials(system):
    assert token_of(system.address, "came-along", SECRET)


def test_two_processes_answer_on_one_port_and_a_killed_one_is_replaced(system):
    workers = children_of(system.process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while True:
        now = children_of(system.process.pid)
        if len(now) == 2 and workers[0] not in now:
            break
        assert time.monotonic() < deadline, "the killed process was not replaced"
        time.sleep(0.1)
    assert httpx.get(f"{system.address}/health/live", timeout=20).status_code == 200


def children_of(pid: int) -> list[int]:
    """Server processes that a process has started, and that live."""
    return [child.pid for child in psutil.Process(pid).children() if alive(child.pid, "spawn_main")]


def alive(pid: int, command: str = "") -> bool:
    """Whether there is such a process, with this in its command line."""
    try:
        return command in " ".join(psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def test_an_unknown_product_is_amber_an_error_and_no_alert(system):
    ran = sinetti(system.home, "verify", CODE, **access(system))
    assert ran.returncode == 1
    headline, *rest = ran.stdout.splitlines()
    assert headline.split(maxsplit=1) == ["AMBER", "ERROR, NOT AN ALERT   41020000"]
    told = "\n".join(rest)
    for part in (
        "What happened",
        "What it means",
        "What to do",
        "ABC123",
        "RT2605",
        "to 31.05.2031",
        "scanned",
    ):
        assert part in told
    assert "came-along at http://127.0.0.1" in told


@pytest.mark.parametrize(
    ("language", "headline", "asked"),
    [
        ("fi", "KELTAINEN", "toimitus"),
        ("sv", "GUL", "expediering"),
        ("en", "AMBER", "supply"),
    ],
)
def test_the_answer_is_in_the_language_of_the_person(system, language, headline, asked):
    ran = sinetti(system.home, "supply", CODE, "--language", language, **access(system))
    assert headline in ran.stdout.splitlines()[0]
    assert asked in ran.stdout


@pytest.mark.parametrize(
    ("command", "asked_state"),
    [
        (["verify"], None),
        (["supply"], "Supplied"),
        (["decommission", "--as", "Destroyed"], "Destroyed"),
        (["decommission", "--as", "FreeSample"], "FreeSample"),
        (["reactivate"], "Active"),
    ],
)
def test_programs_get_what_was_asked_and_answered_as_json(system, command, asked_state):
    parts = ["--product-code", PRODUCT, "--serial", "ABC123", "--manual"]
    ran = sinetti(system.home, *command, *parts, "--json", **access(system))
    told = json.loads(ran.stdout)
    assert told["requestedState"] == asked_state
    assert told["pack"]["entry_mode"] == "manual"
    expected = "30020000" if asked_state == "FreeSample" else "41020000"
    assert told["answer"]["operationCode"] == expected
    assert told["kind"] == "error"
    assert told["transactionId"]


def test_an_image_of_a_code_is_as_good_as_its_text(system, tmp_path):
    image = tmp_path / "pack.png"
    image.write_bytes(write_data_matrix(CODE, "png"))
    ran = sinetti(system.home, "verify", str(image), "--json", **access(system))
    assert json.loads(ran.stdout)["pack"] == {
        "product_code": PRODUCT,
        "serial_number": "ABC123",
        "batch": "RT2605",
        "expiry": "310531",
        "scheme": "gs1",
        "entry_mode": "non-manual",
    }


def test_odd_data_is_sent_and_the_person_is_told_what_is_odd(system):
    code = element_string("09520640000014", "ABC123", "RT2605", "310531")
    ran = sinetti(system.home, "verify", code, **access(system))
    assert ran.returncode == 1
    assert "61020008" in ran.stdout.splitlines()[0]
    assert "Odd: " in ran.stdout
    assert f"    {code.replace(GS, '␝')}\n{' ' * 19}^\n" in ran.stdout


# what is given, what is said, what is in the code, exit code
SCANS = [
    (CODE, "GREEN", ["(01) GTIN", PRODUCT, "(21) SERIAL", "ABC123"], 0),
    (f"]d2{CODE}", "GREEN", ["GS1 element string, ]d2"], 0),
    (f"(01){PRODUCT}(21)ABC123(17)310531(10)RT2605", "GREEN", ["typed in"], 0),
    (f"01{PRODUCT[:-1]}421ABC123{GS}1731053110RT2605", "AMBER", ["check digit", "               ^"], 1),
    (f"01{PRODUCT}21ABC123{GS}1731153110RT2605", "AMBER", ["(17) USE BY"], 1),
    (f"01{PRODUCT}21ABC123", "AMBER", ["expiry", "batch"], 1),
    ("6412345678902", "RED", ["linear barcode"], 1),
    ("hello", "RED", [], 1),
]


@pytest.mark.parametrize(("given", "colour", "said", "exit_code"), SCANS, ids=[row[0] for row in SCANS])
def test_scan_explains_what_a_code_says(home, given, colour, said, exit_code):
    ran = sinetti(home, "scan", given)
    assert ran.returncode == exit_code, ran.stderr
    assert ran.stdout.split()[0] == colour
    for part in said:
        assert part in ran.stdout


def test_scan_reads_standard_input_and_tells_programs_where_something_is_wrong(home):
    ran = sinetti(home, "scan", "-", "--json", stdin=f"01{PRODUCT[:-1]}421ABC123{GS}1731053110RT2605\r\n")
    told = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert told["isPackCode"]
    assert told["serialNumber"] == "ABC123"
    [wrong] = [one for one in told["findings"] if one["severity"] == "odd"]
    assert (wrong["start"], wrong["length"]) == (15, 1)


# command, variables, what is said
MISTAKES = [
    (["scan", "nofile.png"], {}, "nofile.png: there is no such file"),
    (["scan", "folder.png"], {}, "folder.png: there is no such file"),
    (["scan", "text.png"], {}, "text.png: "),
    (["scan", "white.png"], {}, "white.png: no code could be read"),
    (["verify", CODE], {}, "sinetti demo start"),
    (["verify", CODE, "--server", "http://127.0.0.1:9"], {}, "Say who asks at http://127.0.0.1:9"),
    (["verify"], {}, "--product-code and --serial"),
    (["verify", CODE, "--serial", "A"], {}, "not both"),
    (["verify", "6412345678902"], {}, "linear barcode"),
    (["verify", CODE], {"SINETTI_SERVER": "127.0.0.1:9"}, "Say who asks"),
    (["history", "1", "2", "--ground", "x"], {}, "there is no database in"),
    (["history", "1", "2", "--ground", " "], {}, "--ground says in 1 to 200 characters why"),
    (["migrate"], {"SINETTI_DATABASE_URL": "postgresql://127.0.0.1:9/x"}, "the database cannot be reached"),
    (["migrate"], {"SINETTI_DATABASE_URL": "mysql://x"}, "SINETTI_DATABASE_URL should start with"),
    (["serve", "nmvs"], {"SINETTI_PORT": "http"}, "SINETTI_PORT should be a number"),
    (["serve", "nmvs", "--host", "no.such.host.invalid"], {}, "no such address"),
    (["serve", "nmvs", "--workers", "0"], {}, "SINETTI_WORKERS should be a number from 1"),
    (["demo", "start", "--port", "99999"], {}, "SINETTI_PORT should be a number from 0 to 65535"),
]


@pytest.mark.parametrize(
    ("command", "variables", "said"), MISTAKES, ids=[" ".join(row[0])[:40] for row in MISTAKES]
)
def test_a_mistake_gets_a_sentence_and_no_traceback(home, command, variables, said):
    from PIL import Image

    (home / "text.png").write_text("not a picture")
    Image.new("L", (200, 200), 255).save(home / "white.png")
    ran = sinetti(home, *command, **variables)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_server_that_is_away_leaves_a_key_to_ask_again_with(home):
    away = {
        "SINETTI_SERVER": "http://127.0.0.1:9",
        "SINETTI_CLIENT_ID": "x",
        "SINETTI_CLIENT_SECRET": "y",
    }
    verified = sinetti(home, "verify", CODE, **away)
    assert verified.returncode == 2
    assert "does not answer" in verified.stderr
    supplied = sinetti(home, "supply", CODE, **away)
    assert supplied.returncode == 2
    assert "--idempotency-key" in supplied.stderr


def test_wrong_credentials_are_told_of(system):
    ran = sinetti(system.home, "verify", CODE, **(access(system) | {"SINETTI_CLIENT_SECRET": "wrong" * 5}))
    assert ran.returncode == 2
    assert "does not accept the credentials of came-along" in ran.stderr


def test_a_system_of_another_kind_is_told_of(home):
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Other(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<p>Hello")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Other)
    Thread(target=server.serve_forever, daemon=True).start()
    ran = sinetti(
        home,
        *("verify", CODE, "--server", f"http://127.0.0.1:{server.server_port}"),
        *("--client-id", "x", "--client-secret", "y"),
    )
    server.shutdown()
    server.server_close()
    assert ran.returncode == 2
    assert "is not a national system" in ran.stderr


def test_migrate_says_what_is_missing_and_applies_it_once(home):
    checked = sinetti(home, "migrate", "--check")
    assert checked.returncode == 1
    assert "0001_foundation is missing" in checked.stdout
    assert "0001_foundation applied" in sinetti(home, "migrate").stdout
    again = sinetti(home, "migrate", "--check")
    assert (again.returncode, again.stdout) == (0, "The database is up to date.\n")


def test_the_reference_pages_say_what_the_tables_say(home):
    assert sinetti(home, "docs", "--output", "pages", "--check").returncode == 1
    assert sinetti(home, "docs", "--output", "pages").returncode == 0
    assert sinetti(home, "docs", "--output", "pages", "--check").returncode == 0
    (home / "pages" / "transitions.md").write_text("old", encoding="utf-8")
    (home / "pages" / "stray.md").write_text("old", encoding="utf-8")
    checked = sinetti(home, "docs", "--output", "pages", "--check")
    assert checked.returncode == 1
    assert checked.stderr.count("differs from the tables") == 2


def test_the_interface_is_described_without_a_server(home):
    ran = sinetti(home, "openapi", "--server", "https://api.example.org/")
    document = json.loads(ran.stdout)
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://api.example.org"}]


def test_rules_that_need_an_operators_word_are_listed(home):
    assert "rows need an operator's word" in sinetti(home, "tables").stdout
    rows = json.loads(sinetti(home, "tables", "--json").stdout)
    assert {row["status"] for row in rows} == {"assumed", "observed"}


def test_a_supervisor_that_is_killed_takes_its_server_processes_along(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with running(home, "serve", "nmvs", "--port", "0", "--workers", "2", ready=READY) as started:
        workers = children_of(started.process.pid)
        started.process.kill()
        started.process.wait()
        deadline = time.monotonic() + 30
        while any(alive(pid) for pid in workers):
            assert time.monotonic() < deadline, "server processes outlived their supervisor"
            time.sleep(0.1)
    # The embedded database noticed nothing: the next start joins it, and stops it at the end.
    with running(home, "serve", "nmvs", "--port", "0", ready=READY) as again:
        assert again.stop(signal.SIGTERM) == 0

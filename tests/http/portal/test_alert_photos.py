"""Photos of packs through the portal: from the page, from a telephone, and as evidence."""

from __future__ import annotations

import hashlib
import io
import re

import pytest
from PIL import Image
from tests.http.portal.alerts import (
    BATCH,
    EXPIRY,
    PRODUCT_CODES,
    STORED_SERIAL,
    analyse,
    ask_pack,
    raise_alerts,
)
from tests.http.portal.world import PortalClient, csrf_token
from tests.unit.alerts.pack_photos import as_file, box, photo

from sinetti.rules.vocabulary import Operation

HEADERS = {"Origin": "http://portal.test"}
CODE = f"(01){PRODUCT_CODES['own']}(21){STORED_SERIAL}(10){BATCH}(17){EXPIRY}"


@pytest.fixture
async def alert(portal: PortalClient) -> str:
    await raise_alerts(portal.world)
    return portal.world.places["own"].alert_id


@pytest.fixture(scope="module")
def pack() -> bytes:
    """A photo of the pack that raised the alert, from a telephone that says where it was."""
    exif = Image.Exif()
    exif[0x010F] = "Telephone maker"
    return as_file(photo(box(CODE), size=(1600, 1200)), exif=exif, quality=85)


async def add(client, alert: str, *files: bytes):
    page = (await client.get(f"/alerts/{alert}")).text
    return await client.post(
        f"/alerts/{alert}/photos",
        data={"csrf_token": csrf_token(page)},
        files=[("photo", (f"{number}.jpg", file, "image/jpeg")) for number, file in enumerate(files)],
        headers=HEADERS,
    )


def pictures(page: str) -> list[str]:
    return re.findall(r'<img src="(/alerts/[^"]+)"', page)


async def test_the_code_in_the_photo_is_compared_with_what_was_sent(portal, alert, pack):
    async with portal.browser("location_user", language="en") as client:
        answer = await add(client, alert, pack)
        assert answer.status_code == 303, answer.text[:3000]
        page = (await client.get(f"/alerts/{alert}")).text
    assert "The photo is kept." in page
    assert page.count(">same<") == 3
    assert page.count(">differs<") == 1
    assert "So no scanner and nobody who typed has changed it" not in page
    assert STORED_SERIAL in page, "what stands on one's own pack may be read by its owner"


async def test_that_the_pack_itself_says_what_was_sent_is_said_before_and_after_the_cause_is_looked_for_anew(
    portal, alert
):
    printed = BATCH.lower()
    raised = await ask_pack(
        portal.world, "own", Operation.VERIFY, product_code=PRODUCT_CODES["own"], batch=printed
    )
    await analyse(portal.world)
    code = CODE.replace(f"(10){BATCH}", f"(10){printed}")
    path = f"/alerts/{raised.alert_id}"
    async with portal.browser("location_user", language="en") as client:
        await add(client, str(raised.alert_id), as_file(photo(box(code), size=(1600, 1200)), quality=85))
        before = (await client.get(path)).text
        await analyse(portal.world)
        after = (await client.get(path)).text
    assert "Upper and lower case exchanged" in before
    assert "A photograph of the pack shows exactly what was sent" in after
    for page in (before, after):
        assert "So no scanner and nobody who typed has changed it" in page


async def test_what_is_shown_has_no_metadata_and_the_original_is_the_file_as_it_came(portal, alert, pack):
    async with portal.browser("location_user", language="en") as client:
        # Other tests of this process may have added photos to the alert before, and in whatever order.
        before = set(pictures((await client.get(f"/alerts/{alert}")).text))
        pack += b"\0"
        await add(client, alert, pack)
        (picture,) = set(pictures((await client.get(f"/alerts/{alert}")).text)) - before
        shown = await client.get(picture.replace("&amp;", "&"))
        large = await client.get(picture.partition("?")[0])
        refused = await client.get(picture.partition("?")[0] + "/original")
    assert refused.status_code == 403
    for answer in (shown, large):
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert b"Telephone maker" not in answer.content
    assert max(Image.open(io.BytesIO(shown.content)).size) <= 320
    async with portal.browser("operator_support", language="en") as client:
        original = await client.get(picture.partition("?")[0] + "/original")
    assert original.content == pack
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["content-type"] == "application/octet-stream"
    async with portal.world.database.transaction() as tx:
        rows = await (
            await tx.execute("SELECT new_values FROM audit_entry WHERE action = 'original_photo_fetched'")
        ).fetchall()
    assert [row[0]["sha256"] for row in rows] == [hashlib.sha256(pack).hexdigest()]


async def test_the_other_parties_see_the_photo_and_not_who_took_it(portal, alert, pack):
    async with portal.browser("location_user") as client:
        await add(client, alert, pack)
    async with portal.browser("mah_obp_investigator", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        assert len(pictures(page)) == 2
        assert "own location user" not in page
        assert (await client.get(pictures(page)[0].partition("?")[0])).status_code == 200
    async with portal.browser("other_organisation_main_user") as client:
        assert (await client.get(pictures(page)[0].partition("?")[0])).status_code == 404


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not a picture"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(50), "HEIC"),
        (as_file(Image.new("RGB", (300, 200)))[:700], "damaged"),
        (None, "Choose or take a photo."),
    ],
    ids=["SVG with a script", "HEIC", "cut off", "none"],
)
async def test_what_is_no_photo_is_said_at_the_field_and_nothing_is_kept(portal, alert, pack, file, says):
    async with portal.browser("location_user", language="en") as client:
        answer = await add(client, alert, *([pack, file] if file else [b""]))
        page = (await client.get(f"/alerts/{alert}")).text
    assert answer.status_code == 422
    assert says in answer.text
    assert len(pictures(page)) == 1, "only the one from before"


async def test_the_same_file_twice_is_one_photo(portal, alert, pack):
    async with portal.browser("location_user") as client:
        for _ in range(2):
            assert (await add(client, alert, pack)).status_code == 303
        page = (await client.get(f"/alerts/{alert}")).text
    assert len(pictures(page)) == 2


async def test_a_telephone_adds_photos_by_a_link_that_shows_nothing_and_ends(portal, alert, pack, clock):
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        made = await client.post(
            f"/alerts/{alert}/photo-link", data={"csrf_token": csrf_token(page)}, headers=HEADERS
        )
    assert 'src="data:image/svg+xml' in made.text
    found = re.search(r"http://portal\.test(/photo/[\w-]+)", made.text)
    assert found
    async with portal.browser(language="en") as telephone:
        page = (await telephone.get(found[1])).text
        assert 'capture="environment"' in page
        for secret in (alert, "Metson", "Revontul", STORED_SERIAL.swapcase()):
            assert secret not in page
        answer = await telephone.post(
            found[1], files={"photo": ("p.jpg", pack, "image/jpeg")}, headers=HEADERS
        )
        assert "The photo was received." in answer.text
        answer = await telephone.post(
            found[1], files={"photo": ("p.txt", b"no", "text/plain")}, headers=HEADERS
        )
        assert answer.status_code == 422
        assert (await telephone.get(f"/alerts/{alert}")).status_code == 303, "it opens nothing else"
        clock.move(minutes=31)
        assert (await telephone.get(found[1])).status_code == 404
        answer = await telephone.post(
            found[1], files={"photo": ("p.jpg", pack, "image/jpeg")}, headers=HEADERS
        )
        assert answer.status_code == 404
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
    assert len(pictures(page)) == 2

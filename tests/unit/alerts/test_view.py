"""Confidentiality as a table: every field for every party, and what `own` means in each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from tests.unit.alerts.cases import (
    DOERS,
    LOCATION_A,
    LOCATION_A2,
    LOCATION_B,
    OBP,
    ORGANISATION_A,
    ORGANISATION_B,
    OTHER_OBP,
    RAISED,
    RULES,
    an_alert,
)

from sinetti.alerts.model import Doer
from sinetti.alerts.view import (
    AlertView,
    BatchSeen,
    ContactSeen,
    DueSeen,
    EntrySeen,
    MessageSeen,
    Named,
    SetAsideSeen,
    TrailRequestSeen,
    TrailRequestStepSeen,
    TrailSeen,
    UploadSeen,
    Whole,
    view_for,
)
from sinetti.rules.alerts.vocabulary import (
    VIEWERS,
    Deadline,
    Party,
    Side,
    Sight,
    TrailRequestState,
    TrailRequestStep,
)

SECRETS = {
    "stored_serial_number": "STORED-SERIAL",
    "stored_batch": "STORED-BATCH",
    "stored_expiry": "STORED-EXPIRY",
    "location": "LOCATION-A-NAME",
    "organisation": "ORGANISATION-A-NAME",
    "equipment": "EQUIPMENT-A-NAME",
    "software": "SOFTWARE-NAME",
    "earlier_place": "LOCATION-B-NAME",
    "contacts": "CONTACT-OF-A",
    "trail_requests": "ASKED-ABROAD",
}
"""Values that occur nowhere else, so that they are found wherever they leak to."""


def entry(change: str, who: str, comment: str = "said") -> EntrySeen:
    doer = DOERS[who]
    return EntrySeen(
        recorded_at=RAISED, change=change, side=None, before=None, after="after", closing_reason=None,
        comment=comment, party=doer.party, person=f"NAME-OF-{who}", organisation_id=doer.organisation_id,
        rule_id=None, rules_version="v",
    )  # fmt: skip


def message(
    number: int, who: str, location: int | None, obp: int = OBP, *, note: bool = False
) -> MessageSeen:
    doer = DOERS[who]
    return MessageSeen(
        number=number, sent_at=RAISED, party=doer.party, person=f"NAME-OF-{who}",
        organisation_id=doer.organisation_id, location_id=location, location_name=None if location is None else f"CONVERSATION {location}", obp_organisation_id=obp, is_note=note,
        body=f"body {number}",
    )  # fmt: skip


def trail(location: int, name: str) -> TrailSeen:
    return TrailSeen(
        recorded_at=RAISED, operation="supply", operation_code=None, state_before="Active", state_after="Supplied",
        location=Named(number=location, name=name), organisation=None, equipment=None, alert_id=None,
    )  # fmt: skip


def aside(location: int) -> SetAsideSeen:
    return SetAsideSeen(
        product_id=1,
        set_aside_id=1,
        location_id=location,
        organisation_id=1,
        set_aside_at=RAISED,
        place="shelf",
        ended_at=None,
        ended_as=None,
    )


OWN = {
    "A": frozenset({LOCATION_A}),
    "A main": frozenset({LOCATION_A, LOCATION_A2}),
    "B": frozenset({LOCATION_B}),
}


def everything(who: str = "A", **changes: Any) -> Whole:
    return Whole(
        **{
            "file": an_alert(earlier_location_id=LOCATION_B),
            "level": 5,
            "market": "FI",
            "product_name": "Example 10 mg",
            "location": Named(number=LOCATION_A, name=SECRETS["location"]),
            "organisation": Named(number=ORGANISATION_A, name=SECRETS["organisation"]),
            "equipment": Named(number=5, name=SECRETS["equipment"]),
            "software": SECRETS["software"],
            "earlier_place": Named(number=LOCATION_B, name=SECRETS["earlier_place"]),
            "earlier_organisation_id": ORGANISATION_B,
            "earlier_time": RAISED - timedelta(days=1),
            "contacts": (
                ContactSeen(
                    location=Named(number=LOCATION_A, name=SECRETS["location"]),
                    organisation_name=SECRETS["organisation"],
                    raised_it=True,
                    person=SECRETS["contacts"],
                    phone=None,
                    email=None,
                    languages=("fi",),
                ),
            ),
            "stored_serial_number": SECRETS["stored_serial_number"],
            "stored_batch": SECRETS["stored_batch"],
            "stored_expiry": SECRETS["stored_expiry"],
            "uploaded": (UploadSeen(uploaded_at=RAISED, pack_count=5),),
            "batches": (
                BatchSeen(batch=SECRETS["stored_batch"], is_sent=False, uploaded_at=RAISED, pack_count=5),
            ),
            "confidence": 95,
            "explanation": ({"cause": "case_swap"},),
            "differences": ({"stored": SECRETS["stored_serial_number"]},),
            "deadlines": (
                DueSeen(deadline=Deadline.EXPECTED_ANSWER, side=Side.OBP, due_at=RAISED, met_at=None),
            ),
            "history": (
                entry("status", "A"),
                entry("status", "obp"),
                entry("status", "operator"),
                entry("trail_read", "operator"),
                entry("trail_request", "operator", comment=SECRETS["trail_requests"]),
                entry("set_aside", "A"),
            ),
            "messages": (
                message(1, "A", LOCATION_A),
                message(2, "B", LOCATION_B),
                message(3, "obp", LOCATION_A),
                message(4, "operator", None),
                message(5, "obp", LOCATION_A, OTHER_OBP),
                message(6, "A", LOCATION_A, note=True),
                message(7, "obp", LOCATION_A, note=True),
                message(8, "operator", LOCATION_A, note=True),
            ),
            "pack_trail": (
                trail(LOCATION_A, SECRETS["location"]),
                trail(LOCATION_B, SECRETS["earlier_place"]),
            ),
            "trail_requests": (
                TrailRequestSeen(
                    request_id=1,
                    country="SE",
                    state=TrailRequestState.SENT,
                    carrier="by_hand",
                    due_at=RAISED,
                    steps=(
                        TrailRequestStepSeen(
                            recorded_at=RAISED,
                            step=TrailRequestStep.ASK,
                            said=SECRETS["trail_requests"],
                            party=Party.OPERATOR,
                            person=None,
                        ),
                    ),
                ),
            ),
            "set_aside": (aside(LOCATION_A), aside(LOCATION_B)),
            "own_location_ids": OWN.get(who, frozenset()),
            **changes,
        }
    )


def seen_by(who: str, **changes: Any) -> AlertView:
    return view_for(RULES.alerts, DOERS[who], everything(who, **changes))


BY_PARTY = {
    Party.END_USER_LOCATION: "A",
    Party.END_USER_ORGANISATION: "A main",
    Party.MAH: "mah",
    Party.OBP: "obp",
    Party.OPERATOR: "operator",
    Party.OTHER_OPERATOR: "other",
    Party.AUTHORITY: "authority",
}


@pytest.mark.parametrize("field", AlertView.__struct_fields__)
@pytest.mark.parametrize("party", VIEWERS)
def test_each_field_is_there_for_a_party_exactly_when_the_table_says_so(field: str, party: Party):
    is_there = getattr(seen_by(BY_PARTY[party]), field) is not UNSET
    assert is_there is (RULES.alerts.sights[field][party] is not Sight.NO)


def test_the_table_has_a_row_for_each_field_and_for_the_names_of_people():
    assert set(RULES.alerts.sights) == {*AlertView.__struct_fields__, "people"}


NEVER = {
    "A": [
        "stored_serial_number",
        "stored_batch",
        "stored_expiry",
        "earlier_place",
        "contacts",
        "trail_requests",
    ],
    "A main": [
        "stored_serial_number",
        "stored_batch",
        "stored_expiry",
        "earlier_place",
        "contacts",
        "trail_requests",
    ],
    "mah": [
        "location",
        "organisation",
        "equipment",
        "software",
        "earlier_place",
        "contacts",
        "trail_requests",
    ],
    "obp": [
        "location",
        "organisation",
        "equipment",
        "software",
        "earlier_place",
        "contacts",
        "trail_requests",
    ],
    "operator": [],
    "other": list(SECRETS),
    "authority": ["contacts"],
}


@pytest.mark.parametrize("who", NEVER)
def test_no_secret_leaks_anywhere_into_what_a_party_gets(who: str):
    """Searched in the bytes that would go over the wire, so that no nested value is forgotten."""
    wire = msgspec.json.encode(seen_by(who)).decode()
    leaked = {name for name, secret in SECRETS.items() if secret in wire}
    assert leaked.isdisjoint(NEVER[who])
    assert leaked == set(SECRETS) - set(NEVER[who])


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("A", {"A"}),
        ("A main", {"A"}),
        ("mah", {"obp"}),
        ("obp", {"obp"}),
        ("operator", {"A", "B", "obp", "operator"}),
        ("other", set()),
        ("authority", {"A", "B", "obp", "operator"}),
    ],
)
def test_people_are_known_by_name_only_inside_their_organisation_and_to_the_operator(
    who: str, names: set[str]
):
    wire = msgspec.json.encode(seen_by(who)).decode()
    assert {name for name in ("A", "B", "obp", "operator") if f'NAME-OF-{name}"' in wire} == names


def numbers(messages: Any) -> list[int] | None:
    return None if messages is UNSET else [one.number for one in messages]


@pytest.mark.parametrize(
    ("who", "messages", "notes"),
    [
        ("A", [1, 3, 4, 5], [6]),
        ("A main", [1, 3, 4, 5], [6]),
        ("mah", [1, 2, 3, 4], [7]),
        ("obp", [1, 2, 3, 4], [7]),
        ("operator", [1, 2, 3, 4, 5], [8]),
        ("other", None, None),
        ("authority", [1, 2, 3, 4, 5], None),
    ],
)
def test_conversations_stay_between_a_location_and_a_company_and_notes_inside(who, messages, notes):
    view = seen_by(who)
    assert (numbers(view.messages), numbers(view.notes)) == (messages, notes)


def test_a_company_does_not_learn_which_location_speaks():
    view = seen_by("obp")
    assert isinstance(view.messages, tuple)
    assert all(one.location_id is None for one in view.messages)
    assert {one.organisation_id for one in view.messages if one.party is Party.END_USER_LOCATION} == {None}


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        ("A", ["status", "status", "status", "set_aside"]),
        ("obp", ["status", "status", "status"]),
        ("operator", ["status", "status", "status", "trail_read", "trail_request", "set_aside"]),
        ("authority", ["status", "status", "status", "trail_read", "trail_request", "set_aside"]),
    ],
)
def test_the_history_tells_each_party_what_concerns_it(who: str, changes: list[str]):
    view = seen_by(who)
    assert isinstance(view.history, tuple)
    assert [one.change for one in view.history] == changes


def test_an_end_user_sees_where_a_pack_was_before_only_if_it_was_there_itself():
    assert seen_by("A").earlier_place is None
    assert seen_by("A").earlier_time is None
    here = Named(number=LOCATION_A, name="here")
    assert seen_by("A", earlier_place=here).earlier_place == here
    sister = Named(number=LOCATION_A2, name="sister")
    assert seen_by("A", earlier_place=sister).earlier_place is None
    assert seen_by("A main", earlier_place=sister).earlier_place == sister


def test_trail_and_register_show_an_end_user_only_its_own():
    view = seen_by("A")
    assert isinstance(view.pack_trail, tuple)
    assert isinstance(view.set_aside, tuple)
    assert [event.location for event in view.pack_trail] == [
        Named(number=LOCATION_A, name=SECRETS["location"])
    ]
    assert [pack.location_id for pack in view.set_aside] == [LOCATION_A]


def test_a_new_row_of_the_table_decides_at_once():
    hidden: dict[Party, Sight] = dict.fromkeys(VIEWERS, Sight.NO)
    sights = {**RULES.alerts.sights, "software": hidden}
    view = view_for(replace(RULES.alerts, sights=sights), DOERS["operator"], everything())
    assert view.software is UNSET


def test_nobody_sees_with_the_eyes_of_the_system():
    with pytest.raises(KeyError):
        view_for(RULES.alerts, Doer(party=Party.SYSTEM), everything())


@pytest.mark.parametrize(
    ("who", "is_told"), [("operator", True), ("authority", True), ("A", True), ("obp", False)]
)
def test_whose_conversation_a_message_belongs_to_is_told_by_name_to_who_sees_the_location(who, is_told):
    view = seen_by(who)
    assert isinstance(view.messages, tuple)
    named = [one.location_name for one in view.messages if one.location_name is not None]
    assert bool(named) is is_told
    assert all(name.startswith("CONVERSATION") for name in named)
    sights = {**RULES.alerts.sights, "location": dict.fromkeys(RULES.alerts.sights["location"], Sight.NO)}
    hidden = view_for(replace(RULES.alerts, sights=sights), DOERS[who], everything(who))
    assert isinstance(hidden.messages, tuple)
    assert {one.location_name for one in hidden.messages} == {None}, "the table decides"

"""The printable sheet: a page with a Data Matrix code for each interesting answer of the demo country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import jinja2

from sinetti.demo.codes import printed_code, sent_code, typed_code
from sinetti.demo.demo_file import SamplePack
from sinetti.demo.load import load_country
from sinetti.demo.samples import sample_pack
from sinetti.demo.tables import DemoCountry, Sample
from sinetti.demo.texts import Texts, demo_texts
from sinetti.gs1.identifiers import last_day
from sinetti.gs1.images import write_data_matrix
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import EntryMode, Language

_GROUPS: Final = ("good", "again", "closed", "unknown", "scanner", "malformed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One sample as the sheet shows it."""

    key: str
    title: str
    svg: str
    text: str
    """What a scanner sends, as it can be typed."""
    changed: bool
    """Whether the code differs from what stands on the pack."""
    product: str
    printed: tuple[tuple[str, str, str], ...]
    """What stands on the pack: label, value, and what the code says in its place, empty where that is the same."""
    typed: str
    """What a person types, where the sample is about that; else empty."""
    operation: str
    client: str
    operation_code: str
    message: str
    colour: str
    alert: bool
    single_use: bool
    until: str


def render_sheet(
    rules: Rules, language: Language, zone: ZoneInfo, *, first_day: datetime, printed_at: datetime
) -> str:
    """The sheet as a page of HTML that needs nothing else, for a demo that began at `first_day`."""
    country = load_country(first_day.astimezone(zone).date())
    words = demo_texts(language)
    groups = [
        {
            "key": group,
            "cards": [
                _card(country, sample, rules, language, zone, first_day)
                for sample in country.samples
                if sample.sheet_group == group
            ],
        }
        for group in _GROUPS
    ]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sinetti.demo", ""), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("sheet.html.jinja").render(
        language=language.value,
        words=words,
        groups=groups,
        footer=words["sheet"]["footer"].format(moment=_moment(printed_at, zone)),
    )


def code_on_sheet(sample: Sample) -> str:
    """The text that the Data Matrix of a sample holds: what is sent, or, where a person types, what is printed."""
    return printed_code(sample) if sample.entry_mode == EntryMode.MANUAL else sent_code(sample)


def _card(
    country: DemoCountry,
    sample: Sample,
    rules: Rules,
    language: Language,
    zone: ZoneInfo,
    first_day: datetime,
) -> Card:
    words = demo_texts(language)
    code = rules.codes[sample.operation_code]
    typed = sample.entry_mode == EntryMode.MANUAL
    shown = sample_pack(sample, rules, first_day, zone)
    text = code_on_sheet(sample)
    return Card(
        key=sample.key,
        title=words["titles"][sample.key],
        svg=write_data_matrix(text).decode(),
        text=typed_code(text),
        changed=not sample.as_printed and not typed,
        product=sample.pack.product.name,
        printed=_printed(sample),
        typed=_typed(sample) if typed else "",
        operation=words["operations"][sample.requested_state or "verify"],
        client=_client(country, sample),
        operation_code=code.code,
        message=code.texts[language].message,
        colour=code.colour.value,
        alert=code.alert,
        single_use=sample.single_use,
        until=_until(shown, words, zone),
    )


def _printed(sample: Sample) -> tuple[tuple[str, str, str], ...]:
    """What is printed beside the code on a pack (Delegated Regulation (EU) 2016/161 art. 7)."""
    batch, product = sample.pack.batch, sample.pack.product
    expiry = last_day(batch.expiry)
    printed_expiry = f"{expiry:%m/%Y}" if batch.expiry.endswith("00") else f"{expiry:%d.%m.%Y}"
    return (
        ("PC", product.product_code, _instead(sample.product_code, product.product_code)),
        ("SN", sample.pack.serial_number, _instead(sample.serial_number, sample.pack.serial_number)),
        ("LOT", batch.batch, _instead(sample.batch, batch.batch)),
        ("EXP", f"{printed_expiry} ({batch.expiry})", _instead(sample.expiry, batch.expiry)),
    )


def _instead(sent: str | None, printed: str) -> str:
    return "" if sent == printed else sent or "–"


def _typed(sample: Sample) -> str:
    parts = {
        "PC": sample.product_code,
        "SN": sample.serial_number,
        "LOT": sample.batch,
        "EXP": sample.expiry,
    }
    return ", ".join(f"{label} {value}" for label, value in parts.items() if value is not None)


def _client(country: DemoCountry, sample: Sample) -> str:
    equipment = next(one for one in country.equipment if one.client_id == sample.client_id)
    location = next(one for one in country.locations if one.key == equipment.location)
    return f"{sample.client_id} ({location.name})"


def _until(shown: SamplePack, words: Texts, zone: ZoneInfo) -> str:
    if shown.until is None:
        return ""
    sheet: Mapping[str, str] = words["sheet"]
    return sheet["until"].format(moment=_moment(shown.until, zone))


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M}"

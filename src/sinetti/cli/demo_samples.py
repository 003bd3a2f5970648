"""The sample packs of the demo in this folder, as a list to choose from."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

import msgspec

from sinetti.cli.errors import UserError
from sinetti.cli.screen import Screen
from sinetti.cli.words import Words
from sinetti.demo.codes import typed_code
from sinetti.demo.demo_file import SamplePack, demo_path, read_demo_file
from sinetti.demo.texts import demo_texts
from sinetti.kit.settings import Settings


def show_samples(settings: Settings, words: Words, *, as_json: bool) -> None:
    """Print every sample pack: what it is, what to do with it, and what is answered."""
    demo = read_demo_file(settings.home)
    if demo is None:
        raise UserError(
            f"there is no demo in {settings.home} ({demo_path(settings.home).name}): sinetti demo start"
        )
    if as_json:
        print(msgspec.json.encode(demo.sample_packs).decode())
        return
    screen = Screen()
    texts = demo_texts(words.language)
    for sample in demo.sample_packs:
        screen.line(f"{sample.name}: {texts['titles'][sample.name]}")
        operation = texts["operations"][sample.requested_state or sample.operation]
        screen.field(texts["sheet"]["do"], f"{operation} ({sample.client_id}, {sample.entry_mode})")
        screen.field(texts["sheet"]["answer"], _answer(sample, words))
        screen.field(texts["sheet"]["scan_text"], shlex.quote(typed_code(sample.scan)))


def _answer(sample: SamplePack, words: Words) -> str:
    texts = demo_texts(words.language)["sheet"]
    remarks = [texts["alert"] if sample.alert else texts["no_alert"]]
    if sample.until is not None:
        remarks.append(texts["until"].format(moment=f"{sample.until.astimezone():%d.%m.%Y %H:%M}"))
        if sample.until <= datetime.now(UTC):
            remarks.append(texts["over"])
    if sample.single_use:
        remarks.append(texts["once"])
    return f"{sample.operation_code}. {' '.join(remark.rstrip('.') + '.' for remark in remarks)}"

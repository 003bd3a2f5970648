"""Every link from one document of the repository to another leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.architecture.test_sources import ROOT, described

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:|/")


def text_of(document: Path) -> str:
    return FENCED.sub("", document.read_text(encoding="utf-8"))


def links(document: Path) -> list[tuple[str, str]]:
    """Path and fragment of each link to another place in the repository."""
    targets = LINK.findall(re.sub(r"`[^`\n]*`", "", text_of(document)))
    parted = (target.partition("#") for target in targets if not ELSEWHERE.match(target))
    return [(path, fragment) for path, _, fragment in parted]


def fragments(document: Path) -> set[str]:
    """Names that readers of Markdown give to the headings of a document."""
    headings = re.findall(r"^#+ +(.+)$", text_of(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=described)
def test_links_lead_somewhere(document: Path):
    lost = []
    for path, fragment in links(document):
        target = document.parent / path if path else document
        if not target.exists() or (fragment and fragment not in fragments(target)):
            lost.append(f"{path}#{fragment}")
    assert lost == []


def test_the_readme_leads_to_every_folder_of_the_documents():
    led_to = {(ROOT / path).resolve() for path, _ in links(ROOT / "README.md")}
    folders = {document.parent for document in (ROOT / "docs").rglob("*.md")}
    assert not [folder for folder in folders if not any(path.is_relative_to(folder) for path in led_to)]


def test_the_readme_leads_to_every_guide():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    guides = {f"docs/howto/{path.name}" for path in (ROOT / "docs" / "howto").glob("*.md")}
    assert {guide for guide in guides if f"]({guide})" not in readme} == set()

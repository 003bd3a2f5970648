"""What a person reads when the demo country has started."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

from sinetti.demo.codes import typed_code
from sinetti.demo.demo_file import DemoClient, DemoFile, SamplePack

_COUNTER: Final = "demo-metso"
_MAIN_USER: Final = "maija.metso@example.fi"
_OPERATOR: Final = "outi@example.fi"
_VERIFIED: Final = "verify-active"
_SUPPLIED: Final = "supply-active"


def banner(demo: DemoFile, path: Path) -> str:
    """Address, credentials, three lines to try, and what else there is."""
    client = demo.client(_COUNTER)
    samples = {sample.name: sample for sample in demo.sample_packs}
    assert client is not None
    person = demo.person(_MAIN_USER)
    assert person is not None
    command = _command()
    return f"""
Sinetti's demo country is ready: {demo.base_url}
Its interface is described at {demo.documentation_url}

Its portal, for people:  {demo.portal_url}
  address        {person.email}
  password       {person.password}
  its mail       {demo.portal_url}/dev/mail

Credentials of one pharmacy's system (other systems and people of every role are in {path}):
  client id      {client.client_id}
  client secret  {client.client_secret}

Three lines to try, in another terminal:

{token_line(demo, client)}
    keeps an access token in $TOKEN

{_verify_line(demo, samples[_VERIFIED])}
    answers {_answer(samples[_VERIFIED])}: the pack is active

{_supply_line(demo, samples[_SUPPLIED])}
    answers {_answer(samples[_SUPPLIED])} the first time: supplied. Again, and you see what a pharmacy sees then

Or without curl:  {command} verify {shlex.quote(typed_code(samples[_VERIFIED].scan))}
More to try:      {command} demo samples   lists {len(demo.sample_packs)} packs, each with its answer
To scan:          {command} demo sheet   writes a page of Data Matrix codes
As the operator:  {command} demo code {_OPERATOR}   gives the code that the portal asks for
Stop with Ctrl-C; the data stay. {command} demo reset throws them away.
"""


def _command() -> str:
    """How this command is called from where the reader stands: an environment that is not active needs its path."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m sinetti"
    found = shutil.which(called.name)
    return called.name if found and Path(found).samefile(called) else str(called)


def token_line(demo: DemoFile, client: DemoClient) -> str:
    """A line for the shell that puts an access token into TOKEN."""
    return (
        f"TOKEN=$(curl -s {demo.token_url} -d grant_type=client_credentials -d client_id={client.client_id}"
        f' -d client_secret={client.client_secret} | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')'
    )


def _verify_line(demo: DemoFile, sample: SamplePack) -> str:
    return (
        f'curl -s "{demo.base_url}{sample.path}" -H "Authorization: Bearer $TOKEN"'
        f' -H "emvs-data-entry-mode: {sample.entry_mode}"'
    )


def _supply_line(demo: DemoFile, sample: SamplePack) -> str:
    return (
        f'curl -s -X PATCH "{demo.base_url}{sample.path}" -H "Authorization: Bearer $TOKEN"'
        f' -H "emvs-data-entry-mode: {sample.entry_mode}" -H "Content-Type: application/json"'
        f' -d \'{{"state":"{sample.requested_state}"}}\''
    )


def _answer(sample: SamplePack) -> str:
    return f'{{"operationCode":"{sample.operation_code}", …}}'

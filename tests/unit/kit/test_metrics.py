"""Figures of several processes as one."""

from __future__ import annotations

import os
import subprocess
import sys

COUNT = """
import sys
from pathlib import Path
from sinetti.kit import metrics

if sys.argv[2] == "share":
    metrics.share_metrics(Path(sys.argv[1]))
metrics.count_request("/product", 200, 0.004)
metrics.count_outcome("supply", "10000000")
metrics.count_outcome("supply", "10000000")
metrics.count_problem("not-found")
metrics.count_refused_for_load()
metrics.observe_round(17, 0.003)
if sys.argv[2] == "share":
    import subprocess
    subprocess.run([sys.executable, sys.argv[0], sys.argv[1], "join"], check=True, stdout=subprocess.DEVNULL)
body, content_type = metrics.render_metrics()
print(content_type)
print(body.decode())
"""


def figures(home, tmp_path, mode: str) -> list[str]:
    script = tmp_path / "count.py"
    script.write_text(COUNT, encoding="ascii")
    environment = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    return subprocess.run(
        [sys.executable, script, home, mode], check=True, capture_output=True, text=True, env=environment
    ).stdout.splitlines()


def test_one_process_tells_its_own_figures(home, tmp_path):
    lines = figures(home, tmp_path, "alone")
    assert lines[0].startswith("text/plain")
    assert 'sinetti_outcomes_total{code="10000000",operation="supply"} 2.0' in lines
    assert 'sinetti_problems_total{key="not-found"} 1.0' in lines
    assert "sinetti_refused_for_load_total 1.0" in lines
    assert 'sinetti_round_packs_bucket{le="16.0"} 0.0' in lines
    assert 'sinetti_round_packs_bucket{le="32.0"} 1.0' in lines
    assert 'sinetti_request_seconds_bucket{le="0.005",route="/product",status="200"} 1.0' in lines


def test_processes_that_share_tell_the_sum(home, tmp_path):
    lines = figures(home, tmp_path, "share")
    assert 'sinetti_outcomes_total{code="10000000",operation="supply"} 4.0' in lines
    assert 'sinetti_problems_total{key="not-found"} 2.0' in lines
    assert "sinetti_round_packs_count 2.0" in lines


def test_figures_of_a_run_that_has_ended_are_deleted(home, tmp_path):
    old = home / "metrics" / "999999999"
    old.mkdir(parents=True)
    figures(home, tmp_path, "share")
    figures(home, tmp_path, "share")
    assert not old.exists()
    assert len(list((home / "metrics").iterdir())) == 1

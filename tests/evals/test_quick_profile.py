"""The quick profile of every suite: `sophia eval --quick`, suite by suite, held to what is committed.

Two are left to tests of their own: two thousand attacks take two minutes (`test_attacker.py` makes some of them), and
kills have a test that says more than that the run is green (`test_crash.py`).
"""

from __future__ import annotations

import pytest

from evals.harness import Options, evaluate, suites

ELSEWHERE = {"attacker", "crash"}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("suite", sorted(set(suites()) - ELSEWHERE))
async def test_the_quick_profile_holds(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = await evaluate([suite], options=Options(quick=True))
    printed = capsys.readouterr()
    assert status == 0, printed.err + printed.out

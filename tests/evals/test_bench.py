"""The suite `bench`: what is measured is real, what is loaded is little, and what is worse than before is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import harness
from evals.bench import cold, model, parts, scorer, sweeps, turns
from evals.bench.measuring import Figure, Sample, alternate, timed
from evals.bench.serving import pages, slack
from evals.comparing import worse
from evals.suite import SuiteError


def named(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


async def test_a_read_loads_nothing_that_it_has_no_use_for() -> None:
    assert await cold.loaded() == []


async def test_what_is_heavy_is_seen_when_it_is_loaded() -> None:
    assert await cold.loaded(["langgraph", "chromadb"]) == ["langgraph"]


async def test_cold_starts_are_measured_beside_bare_imports() -> None:
    found = named(await cold.measure_cold(1))
    assert 0.3 < found["cold.help_ratio"].value < 10
    assert 0.3 < found["cold.ask_ratio"].value < 10
    assert found["cold.ask_ratio"].beside["bare imports of what it needs, seconds"] > 0


async def test_a_durable_turn_is_measured_on_both_databases() -> None:
    found = named(await turns.measure_turns(1))
    assert set(found) == {f"turn.{name}_{what}" for name in ("sqlite", "postgresql") for what in ("ms", "ratio")}
    assert all(figure.value > 0 for figure in found.values())
    assert found["turn.sqlite_ratio"].value > 1


async def test_five_steps_take_two_calls_of_a_model_and_half_the_time_of_an_agent() -> None:
    found = named(await model.measure_model(1, seconds=0.3))
    assert found["model.calls"].value == 2
    assert found["model.calls"].beside["ready-made agent's calls"] == 6
    assert found["model.speedup"].value > 1


async def test_verdicts_and_entries_are_measured() -> None:
    found = named([*await parts.measure_guard(1), *await parts.measure_audit(1)])
    assert found["guard.verdict_ratio"].value < 20
    assert found["audit.verify_growth"].value < 3
    assert found["audit.appends_per_second"].value > 100


@pytest.mark.slow
async def test_sweeps_are_measured_cold_unchanged_and_of_many_pages() -> None:
    found = named(await sweeps.measure_sweep(1, count=8, many=16))
    assert set(found) == {
        f"sweep.{name}"
        for name in (
            "cold_ratio",
            "megabytes",
            "unchanged_seconds",
            "unchanged_plain_seconds",
            "bytes",
            "recall_ms",
            "growth",
        )
    }
    assert 50 < found["sweep.megabytes"].value < 600
    assert found["sweep.growth"].value < 1.5
    assert 0 <= found["sweep.bytes"].value < 5000, "a few captures, counted by whole pages of the database"
    assert found["sweep.recall_ms"].value > 0


@pytest.mark.slow
async def test_a_served_process_is_measured_busy_and_idle() -> None:
    busy = named(await slack.measure_slack(1))
    assert set(busy) == {f"slack.{name}" for name in ("ack_quiet_ms", "ack_busy_ms", "first_words_seconds", "doubled")}
    assert busy["slack.doubled"].value == 0
    idle = named(await slack.measure_idle(1, seconds=0.3, ended=100))
    assert set(idle) == {f"serve.{name}" for name in ("megabytes", "idle_core", "after_many_ratio")}
    assert 50 < idle["serve.megabytes"].value < 600


async def test_pages_go_through_the_queue() -> None:
    (figure,) = await pages.measure_queue(1, count=12)
    assert figure.value > 0
    assert figure.beside["pages"] == 12


async def test_each_way_is_tried_once_and_then_in_turns() -> None:
    said: list[str] = []

    async def speak(word: str) -> None:
        said.append(word)

    await alternate(2, {"a": timed(lambda: speak("a")), "b": timed(lambda: speak("b"))})
    assert said == ["a", "b", "a", "b", "a", "b"]


def test_a_figure_holds_between_its_bounds() -> None:
    assert Figure("f", 1.0, "ms", at_most=1.0).holds
    assert not Figure("f", 1.1, "ms", at_most=1.0).holds
    assert not Figure("f", 0.9, "×", at_least=1.0).holds
    assert Figure("f", 9.0, "ms").holds
    assert Sample(9.0, 3.0).over(Sample(1.0, 1.5)) == 2


async def test_a_run_is_the_contract_s_document_and_missing_a_bound_does_not_fail_it(tmp_path: Path) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text("- {measure: guard, runs: 1}\n")
    run = await harness.run("bench", cases)
    assert (run["suite"], run["cases"], run["errors"]) == ("bench", 2, 0)
    assert set(run["metrics"]) == {"bounds.missed", "guard.verdict_us", "guard.verdict_ratio"}
    run["failed"] = 2
    assert harness.problems(run, None) == []


async def test_a_bound_that_no_machine_excuses_fails_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits(runs: int) -> list[Figure]:
        return [Figure("w.ratio", 1.7, "×", at_least=1.8, anywhere=True), Figure("w.slow", 9, "s", at_most=1)]

    monkeypatch.setattr(scorer, "MEASURES", {"workers": waits})
    cases = tmp_path / "cases.yaml"
    cases.write_text("- {measure: workers}\n")
    run = await harness.run("bench", cases)
    assert run["metrics"]["bounds.missed"] == 1
    assert harness.problems(run, {"metrics": {"bounds.missed": 0}})


async def test_what_can_t_be_measured_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(runs: int) -> list[Figure]:
        raise RuntimeError("the turn came to nothing")

    monkeypatch.setattr(scorer, "MEASURES", {"guard": broken})
    cases = tmp_path / "cases.yaml"
    cases.write_text("- {measure: guard}\n")
    run = await harness.run("bench", cases)
    assert run["errors"] == 1
    assert "came to nothing" in run["results"][0]["error"]
    assert harness.problems(run, None)


@pytest.mark.parametrize("text", ["- {measure: speed}", "- {measure: guard, runs: 0}", "measure", "{", "- 7"])
def test_cases_of_nonsense_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    cases = tmp_path / "cases.yaml"
    cases.write_text(text)
    with pytest.raises(SuiteError, match=r"cases\.yaml"):
        scorer.load(cases)


def test_the_baseline_holds_ratios_of_what_the_suite_measures() -> None:
    baseline = json.loads((Path(scorer.__file__).parent / "baseline.json").read_text())
    assert {case.measure for case in scorer.load(None)} == set(scorer.MEASURES)
    assert baseline["suite"] == "bench"
    assert not [name for name in baseline["metrics"] if name.endswith(("_ms", "_us", "_per_second"))]


def test_a_ratio_may_be_a_third_worse_and_no_more() -> None:
    before = {"cold.ask_ratio": 1.0, "model.speedup": 3.0}
    within = {"cold.ask_ratio": 1.3, "model.speedup": 2.1}
    beyond = {"cold.ask_ratio": 1.4, "model.speedup": 1.9}
    assert worse(within, before, scorer.LOWER_IS_BETTER, scorer.TOLERANCE) == []
    assert len(worse(beyond, before, scorer.LOWER_IS_BETTER, scorer.TOLERANCE)) == 2
    assert len(worse(within, before, scorer.LOWER_IS_BETTER)) == 2

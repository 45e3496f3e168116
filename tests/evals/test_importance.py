from __future__ import annotations

import pytest
import yaml

from evals.harness import run
from evals.importance.scorer import load
from evals.suite import SuiteError

SAME = "".join(f"<p>Sentence {word} stays as it is.</p>" for word in "abcdefghij")


def case(name: str, before: str, after: str, first: str, second: str) -> dict[str, str]:
    page = "<html><title>Pricing</title><main><h1>Pricing</h1>{}" + SAME + "</main></html>"
    return {
        "id": name,
        "competitor": "Rival",
        "url": "https://rival.example/pricing",
        "aspect": "pricing",
        "before": page.format(before),
        "after": page.format(after),
        "first": first,
        "second": second,
    }


async def test_alerts_are_scored_where_both_labels_agree(tmp_path):
    dearer = ("<h2>Growth</h2><p>$399</p>", "<h2>Growth</h2><p>$599</p>")
    worded = ("<p>We help you to collect rents.</p>", "<p>We help you collect rents.</p>")
    rows = [
        case("dearer", *dearer, "instant", "instant"),
        case("worded", *worded, "none", "digest"),
        case("disputed", *dearer, "instant", "digest"),
        case("missed", *worded, "instant", "instant"),
    ]
    (tmp_path / "development.yaml").write_text(yaml.safe_dump(rows))
    found = await run("importance", tmp_path)
    assert {result["case"]: result["passed"] for result in found["results"]} == {
        "dearer": True,
        "worded": True,
        "disputed": True,
        "missed": False,
    }
    metrics = found["metrics"]
    assert (metrics["precision"], metrics["recall"]) == (1.0, 0.5)
    assert (metrics["agreement"], metrics["agreement.instant"]) == (0.5, 0.75)
    assert metrics["recall.development"] == 0.5


def test_at_least_two_hundred_changes_are_labelled_twice():
    cases = load(None)
    assert len(cases) >= 200
    assert {each.half for each in cases} == {"development", "unseen"}


def test_cases_that_cannot_be_read_are_said_to_be_so(tmp_path):
    (tmp_path / "x.yaml").write_text("- {id: 1}")
    with pytest.raises(SuiteError, match="can't be read"):
        load(tmp_path)

"""The recordings that the ordinary suite is served with are what this server still says."""

from __future__ import annotations

import json

import pytest
import vcr.cassette
import yaml

from tests.agent.recorded import EXCHANGES, FOLDER, recorder


@pytest.mark.parametrize("name", EXCHANGES)
async def test_the_exchange_and_its_recording(name, model_settings, tmp_path, request):
    folder = FOLDER if request.config.getoption("--record") else tmp_path
    (folder / f"{name}.yaml").unlink(missing_ok=True)
    with recorder(folder).use_cassette(name, record_mode=vcr.mode.ALL) as cassette:
        outcome = await EXCHANGES[name].carry_out(model_settings)
    assert outcome is not None
    assert len(cassette.requests) == len(cassette.responses) >= 1
    made, kept = ((place / f"{name}.yaml").read_text() for place in (folder, FOLDER))
    assert model_settings["api_key"] not in made
    assert asked(made) == asked(kept), (
        "the prompts changed: run `pytest tests/model --record` and commit what it writes"
    )


def asked(recording: str) -> list[object]:
    """The requests of a recording; only the first when the rest depends on what was answered."""
    return [json.loads(one["request"]["body"]) for one in yaml.safe_load(recording)["interactions"]][:1]

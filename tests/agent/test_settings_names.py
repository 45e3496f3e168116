"""The words that people use for stacks and competitors."""

from __future__ import annotations

from pathlib import Path

from agent.names import names_of
from agent.settings import load


def test_built_in_names_with_what_people_say(tmp_path: Path) -> None:
    names = names_of(load(directory=tmp_path, environ={}))
    assert {"dev"} <= set(names.stacks["development"])
    assert {"prod", "live"} <= set(names.stacks["production"])
    assert {"sophia prod", "sophia production"} <= set(names.stacks["sophia-production"])
    assert {"modernized", "sophia ai modernized"} <= set(names.stacks["sophia-ai-modernized"])
    assert {"Hunter", "hunterwarfield.com"} <= set(names.competitors["Hunter Warfield"])
    assert "realpage.com" in names.competitors["RealPage"]
    assert {"#ops", "#exec", "#competitive-intel"} <= set(names.channels)
    assert names.pages["https://www.realpage.com/releases"].competitor == "RealPage"


def test_no_word_means_two_things(tmp_path: Path) -> None:
    names = names_of(load(directory=tmp_path, environ={}))
    for kind in (names.stacks, names.competitors):
        words = [word.casefold() for name, aliases in kind.items() for word in (name, *aliases)]
        assert len(words) == len(set(words))


def test_a_word_that_is_written_down_is_taken_from_nobody(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text(
        """
        [stacks.production]
        program = "lab:a"
        [stacks.prod]
        program = "lab:b"
        [stacks.eu-development]
        program = "lab:c"
        aliases = ["live"]
        """
    )
    names = names_of(load(directory=tmp_path, environ={}))
    assert names.stacks == {
        "production": [],
        "prod": [],
        "eu-development": ["live", "eu development", "eu-dev", "eu dev", "eu-develop", "eu develop"],
    }

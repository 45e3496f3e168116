"""Everything that is wrong with a configuration is said at once, with its line and what to write instead."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as running
from hypothesis import strategies as some

from agent.settings import SettingsError, SettingsProblem, load
from agent.settings.schema import keys, place
from agent.settings.whole import NAMED, Settings


def problems(folder: Path, text: str | bytes, environ: dict[str, str] | None = None) -> list[SettingsProblem]:
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "sophia.toml").write_bytes(content)
    try:
        load(directory=folder, environ=environ or {})
    except SettingsError as error:
        return list(error.problems)
    return []


def by_line(folder: Path, text: str) -> dict[int, str]:
    return {problem.line or 0: str(problem) for problem in problems(folder, text)}


EVERYTHING = """\
read_onyl = true

[competitors.Real]
aliases = "Real"
chanel = "#ops"
channel = "#opps"
pages = [
  { url = "www.realpage.com", aspect = "pricing" },
  { aspect = "price" },
  { url = "https://a.example/", aspect = "pricng", alert = 7 },
]

[channels.ops]
clearance = "internl"

[channels."#dev"]
delivery = ["telegram"]

[stacks.development]
program = "lab:development"
passphrase_env = "correct horse"
owners = ["adda"]
freeze = [
  { start = "Friday 16", end = "Mon 08:00" },
  { start = 2026-12-20, end = 2026-12-10 },
]
health = [{ http = "http://127.0.0.1/x", tcp = "a:1" }]

[people.ada]
roles = ["requester", "aprover"]
system_users = ["ada"]
slack = [{ workspace = "x", user = "U0123456789" }]

[people.bob]
system_users = ["ada"]
may_act_for = ["adda"]

[budget]
monthly = "lots"
alert_at = 80

[business]
zone = "Atlantis/Capital"
"""


def test_every_problem_is_said_with_its_line_and_what_to_write(tmp_path: Path) -> None:
    said = by_line(tmp_path, EVERYTHING)
    expected = {
        "read_onyl": "Write read_only = …",
        "aliases = ": "must be a list",
        "chanel = ": "did you mean `channel`?",
        'channel = "#opps"': 'Write "#ops"',
        "www.realpage.com": "with http:// or https://",
        '{ aspect = "price" }': "has no `url`",
        "clearance": 'Write clearance = "internal"',
        "telegram": '"terminal", "file" or "slack"',
        "passphrase_env": "the name of an environment variable",
        "owners": 'Write "ada"',
        "Friday": 'must be a moment: "Fri 16:00"',
        "2026-12-20": "the end must come after the start",
        "health": "exactly one of http",
        "aprover": 'Write "approver"',
        "workspace": 'workspace = "T0123456789"',
        "[channels.ops]": '[channels."#ops"]',
        "may_act_for": 'there is no person "adda"',
        "monthly": "must be a number",
        "alert_at": "less than or equal to 1",
        "zone": "is not a time zone",
    }
    lines = EVERYTHING.splitlines()
    for text, sentence in expected.items():
        number = next(n for n, line in enumerate(lines, 1) if text in line)
        assert sentence in said[number], (number, said.get(number))
    assert any("is ada's already" in sentence for sentence in said.values())
    assert "correct horse" not in " ".join(said.values())


def test_two_problems_of_one_line_are_both_said(tmp_path: Path) -> None:
    found = [str(problem) for problem in problems(tmp_path, EVERYTHING) if problem.line == 10]
    assert any("pricng" in sentence for sentence in found)
    assert any("not 7" in sentence for sentence in found)


def test_the_error_says_that_nothing_was_started(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text("nonsense = 1")
    with pytest.raises(SettingsError) as caught:
        load(directory=tmp_path, environ={})
    assert str(caught.value).startswith(f"{tmp_path}/sophia.toml has a problem:\n  line 1: `nonsense` is no setting.")
    assert "Nothing was started." in str(caught.value)


@pytest.mark.parametrize(
    "text, line, sentence",
    [
        ("[budget]\nmonthly 5000", 2, "Write key = value"),
        ("[budget]\nmonthly = a lot", 2, "Write text in quotes"),
        ("[budget]\n[budget]", 2, "join the two"),
        ("[budget\n", 1, "Close what was opened"),
        ('[business]\nname = "Pay Ready\n', 2, "quotes"),
        ("read_only = true\nread_only = false", 2, "join the two"),
        ("<html>\n<body>", 1, "this isn't TOML"),
        ("regulations = [1, 2", 1, "this isn't TOML"),
        ("a = " + "[" * 5000, 1, ""),
    ],
)
def test_nonsense_is_said_with_its_line(tmp_path: Path, text: str, line: int, sentence: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert problem.line in (line, None)
    assert sentence in str(problem)


def test_bytes_that_are_no_text_are_said_with_their_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, b"read_only = true\n\xff\xfe\x00")
    assert problem.line == 2
    assert "UTF-8" in str(problem)


def test_a_huge_file_is_no_configuration(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, b"# " + b"x" * 1_100_000)
    assert "megabyte" in str(problem)


def test_the_data_folder_and_what_loading_sets_stand_in_no_file(tmp_path: Path) -> None:
    found = problems(tmp_path, 'home = "/x"\nsource = "y"\nnotices = []\nbuilt_in = []')
    assert [problem.line for problem in found] == [1, 2, 3, 4]


def test_wrong_variables_are_named(tmp_path: Path) -> None:
    environ = {
        "SOPHIA_READONLY": "1",
        "SOPHIA_DEMO": "maybe",
        "SOPHIA_LIMITS__TOKENS": "5",
        "SOPHIA_BUDGET__MONTHLY": "-1",
        "SOPHIA_BASE_URL": "not an address",
        "SOPHIA_DATABASE_URL": "mysql://sophia:hunter2@db.example.com/sophia",
    }
    found = {problem.where: str(problem) for problem in problems(tmp_path, "", environ)}
    assert set(found) == set(environ)
    assert "SOPHIA_READ_ONLY" in found["SOPHIA_READONLY"]
    assert "true or false" in found["SOPHIA_DEMO"]
    assert "PostgreSQL" in found["SOPHIA_DATABASE_URL"]
    assert "hunter2" not in found["SOPHIA_DATABASE_URL"]


def test_a_variable_that_means_nothing_is_noticed_and_a_passphrase_is_not(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text('[stacks.a]\nprogram = "lab:a"\npassphrase_env = "SOPHIA_A_PASSPHRASE"')
    environ = {"SOPHIA_XYZZY": "1", "SOPHIA_A_PASSPHRASE": "x"}
    notices = load(directory=tmp_path, environ=environ).notices
    assert [notice for notice in notices if "SOPHIA_" in notice] == [
        "The environment variable SOPHIA_XYZZY means nothing to Sophia."
    ]


def test_private_pages_are_refused_unless_their_origin_is_named(tmp_path: Path) -> None:
    page = '[competitors.X]\npages = [{ url = "http://127.0.0.1:8000/a", aspect = "pricing" }]\n'
    (problem,) = problems(tmp_path, page)
    assert 'allowed_private_origins = ["http://127.0.0.1:8000"]' in problem.instead
    assert not problems(tmp_path, page + '[network]\nallowed_private_origins = ["http://127.0.0.1:8000"]')
    for host in ("localhost", "10.1.2.3", "169.254.169.254", "[::1]", "192.168.0.1"):
        assert problems(tmp_path, page.replace("127.0.0.1", host)), host


def test_one_page_is_watched_once_and_one_word_means_one_thing(tmp_path: Path) -> None:
    found = by_line(
        tmp_path,
        """\
[competitors.A]
aliases = ["b"]
pages = [{ url = "https://a.example/x", aspect = "pricing" }]
[competitors.B]
pages = [{ url = "https://a.example/x/", aspect = "features" }]
[stacks.one]
program = "lab:one"
aliases = ["uno"]
[stacks.two]
program = "lab:two"
aliases = ["UNO"]
""",
    )
    assert 'already means "B"' in found[2]
    assert "is watched already" in found[5]
    assert 'already means "one"' in found[11]


def test_every_example_is_right(tmp_path: Path) -> None:
    """What is proposed to be written instead must itself be accepted where it is proposed."""
    for section in Settings.model_fields:
        inner = (section, "name") if section in NAMED else (section,)
        for key in keys(inner):
            at = place((*inner, key))
            assert at is not None
            assert at.sample((*inner, key)) is not None or key == "token_sha256" or at.secret, (*inner, key)


def test_what_is_built_in_gives_way_to_what_is_configured(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text('[channels."#mine"]\n[business]\naspects = ["job_postings"]')
    settings = load(directory=tmp_path, environ={})
    for competitor in settings.competitors.values():
        assert competitor.channel is None
        assert competitor.aspects == ("job_postings",)
        assert {page.aspect for page in competitor.pages} == {"job_postings"}
    assert "Left out, because it no longer fits: the built-in `competitors.RealPage.channel`." in settings.notices


_ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers(-5, 5) | some.floats(-2, 2) | some.text("ab#.:/", max_size=6),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text("ab", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
_KEYS = some.sampled_from(sorted(Settings.model_fields)) | some.text("abc", min_size=1, max_size=4)


@running(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.dictionaries(_KEYS, _ANYTHING, max_size=4))
def test_every_document_gives_settings_or_sentences(tmp_path: Path, values: dict[str, object]) -> None:
    """Whatever is written: either it loads, or every problem has a place and a sentence; never another exception."""
    import tomlkit

    def without_none(value: object) -> object:
        if isinstance(value, dict):
            return {key: without_none(part) for key, part in value.items() if part is not None}
        if isinstance(value, list):
            return [without_none(part) for part in value if part is not None]
        return value

    text = tomlkit.dumps(without_none(values))  # type: ignore[arg-type]
    tomllib.loads(text)
    for problem in problems(tmp_path, text):
        assert problem.message
        assert problem.line is not None


@running(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.binary(max_size=80) | some.text(max_size=80).map(str.encode))
def test_no_bytes_get_past_with_another_exception(tmp_path: Path, content: bytes) -> None:
    problems(tmp_path, content)

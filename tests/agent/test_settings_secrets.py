"""Secrets in the file are found by key and by shape, said with their line, and never repeated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.settings import SettingsError, load
from infra.secret_shapes import kind_of_secret, names_a_secret


def said(folder: Path, text: str) -> str:
    (folder / "sophia.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(directory=folder, environ={})
    return str(caught.value)


# Assembled, so that nobody's scanner takes these for real ones.
SHAPES = [
    "sk-" + "a1B2" * 8,
    "sk-proj-" + "a1B2" * 8,
    "xoxb-" + "123456789012-" * 2 + "abcdef",
    "xapp-1-" + "A0123456789-1-abc",
    "https://hooks.slack.com/services/" + "T000/B000/XXXXXXXX",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 9,
    "glpat-" + "a1B2" * 5,
    "AKIA" + "A1B2" * 4,
    "AIza" + "a1B2" * 9,
    "pul-" + "0a1b" * 10,
    "sk_live_" + "a1B2" * 5,
    "SG." + "a1B2" * 5 + "." + "a1B2" * 5,
    "npm_" + "a1B2" * 9,
    "hf_" + "a1B2" * 8,
    "eyJhbGciOiJI" + ".eyJzdWIiOiIx." + "abc",
    "Bearer " + "a1B2" * 5,
    "postgresql://sophia:geheim@db.example.com/sophia",
    "Server=db;User Id=sa;Password=geheim123;",
    "https://example.com/?access_token=abcdefgh1234",
    "-----BEGIN RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SHAPES)
def test_a_secret_is_known_by_its_shape_wherever_it_stands(tmp_path: Path, secret: str) -> None:
    about, comment, unknown = f'about = "{secret}"', f'name = "x"  # {secret}', f'unknown = ["{secret}"]'
    for text in (about, comment, unknown):
        sentence = said(tmp_path, f"[business]\n{text}")
        assert "line 2" in sentence
        assert "secret" in sentence
        assert secret not in sentence


@pytest.mark.parametrize(
    "text",
    [
        "https://www.example.com/a?b=c",
        "postgresql://sophia@db.example.com/sophia",
        "Tokens are counted per turn, passwords never are.",
        "skill-based routing of tasks",
        "s3://bucket/path?region=us-east-1",
        "A bearer of good news",
    ],
)
def test_harmless_text_is_left_alone(text: str) -> None:
    assert kind_of_secret(text) is None


@pytest.mark.parametrize(
    "key",
    [
        "api_key",
        "apiKey",
        "API-KEY",
        "password",
        "db_password",
        "passphrase",
        "token",
        "bot_token",
        "client_secret",
        "dsn",
    ],
)
def test_a_secret_is_known_by_its_key(tmp_path: Path, key: str) -> None:
    assert names_a_secret(key)
    sentence = said(tmp_path, f'[model]\n"{key}" = "plain"')
    assert "line 2" in sentence
    assert "secrets don't belong in this file" in sentence
    assert "plain" not in sentence


@pytest.mark.parametrize(
    "key", ["passphrase_env", "tokens_per_turn", "token_sha256", "secrets_provider", "monkey", "keyboard"]
)
def test_keys_that_only_speak_of_secrets_are_none(key: str) -> None:
    assert not names_a_secret(key)


def test_what_to_do_instead_names_the_variable(tmp_path: Path) -> None:
    sentence = said(
        tmp_path,
        """
[model]
api_key = "x"
[storage]
database_url = "postgresql://a:b@c/d"
[slack]
bot_token = "x"
[stacks.ai-lab]
program = "lab:x"
passphrase = "x"
[people.ada]
token = "x"
""",
    )
    for wanted in (
        "SOPHIA_API_KEY",
        "SOPHIA_DATABASE_URL",
        "SOPHIA_SLACK_BOT_TOKEN",
        'passphrase_env = "SOPHIA_AI_LAB_PASSPHRASE"',
        "token_sha256",
    ):
        assert wanted in sentence


def test_a_database_address_without_a_password_may_stand_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "sophia.toml").write_text('[storage]\ndatabase_url = "postgresql://sophia@db/sophia"')
    url = load(directory=tmp_path, environ={}).storage.database_url
    assert url is not None
    assert url.get_secret_value() == "postgresql://sophia@db/sophia"


def test_a_token_instead_of_its_digest_is_refused_and_not_repeated(tmp_path: Path) -> None:
    sentence = said(tmp_path, '[people.ada]\ntoken_sha256 = ["my-own-token"]')
    assert "sha256sum" in sentence
    assert "my-own-token" not in sentence


def test_secrets_are_found_even_where_the_rest_is_nonsense(tmp_path: Path) -> None:
    secret = "sk-" + "a1B2" * 8
    sentence = said(tmp_path, f'[model\napi_key = "{secret}"\npassword = "geheim"\nname = ')
    assert "line 1: this isn't TOML" in sentence
    assert "line 2: this line holds" in sentence
    assert "line 3: this line holds" in sentence
    assert secret not in sentence
    assert "geheim" not in sentence


CHILD = """
import json
from agent.settings import own_environment, process_environment
print(json.dumps([process_environment(["MY_PASSPHRASE"]), own_environment()]))
"""


def test_children_get_the_environment_without_secrets() -> None:
    secret = {
        "SOPHIA_API_KEY": "canary",
        "SOPHIA_TOKEN": "canary",
        "SOPHIA_DATABASE_URL": "canary",
        "SOPHIA_SLACK_BOT_TOKEN": "canary",
        "SOPHIA_A_PASSPHRASE": "canary",
        "SOPHIA_MODEL__API_KEY": "canary",
        "OPENAI_API_KEY": "canary",
        "SLACK_SIGNING_SECRET": "canary",
        "MY_PASSPHRASE": "canary",
    }
    plain = {
        "SOPHIA_HOME": "/data",
        "SOPHIA_MODEL": "m",
        "OPENAI_BASE_URL": "http://a/",
        "AWS_PROFILE": "p",
        "LANG": "C",
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={**{name: os.environ[name] for name in ("PATH",)}, **secret, **plain},
        capture_output=True,
        text=True,
        check=True,
    )
    import json

    stripped, whole = json.loads(done.stdout)
    assert "canary" not in json.dumps(stripped)
    assert {name: stripped[name] for name in plain} == plain
    assert {name: whole[name] for name in secret} == secret

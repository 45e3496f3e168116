"""What is masked of a text by its looks, and what isn't."""

from __future__ import annotations

import base64

import pytest

from infra.engine.masking import Masks
from infra.secret_shapes import shown, without_secrets

RANDOM = "wJalrXUtnFEMIK7MDENGbPxRfiCYzEXk3qA9LpZ2"


@pytest.mark.parametrize(
    "text,shown",
    [
        ("can't log in to postgres://app:s3cr3t!pw@db:5432/x", "can't log in to postgres://app:[secret]@db:5432/x"),
        ("DB_PASSWORD=swordfish", "DB_PASSWORD=[secret]"),
        ('{"apiKey": "swordfish", "size": 3}', '{"apiKey": [secret], "size": 3}'),
        ("dbPassword: hunter22", "dbPassword: [secret]"),
        ("client_secret => abc123def", "client_secret => [secret]"),
        (f"the key is {RANDOM}, keep it", "the key is [secret], keep it"),
        ("Authorization: Bearer abcdefghijklmnop1234", "Authorization: Bearer [secret]"),
        ("Server=db;User=sa;Password=pw1;Encrypt=yes", "Server=db;User=sa;Password=[secret];Encrypt=yes"),
        ("-----BEGIN PRIVATE KEY-----\nMIIabc/+=\n-----END PRIVATE KEY-----\nrest", "[secret]\nrest"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def-1 expired", "[secret] expired"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_what_is_around_it_stays(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert without_secrets(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "urn:pulumi:dev::shop::random:index/randomPassword:RandomPassword::db1",
        "aws:secretsmanager/secretVersion:SecretVersion (main2): creating",
        "Missing required configuration variable 'zoo:dbPassword'",
        "please set a value using the command `pulumi config set --secret zoo:dbPassword <value>`",
        "token: expired; password: incorrect",
        "token_file: /var/run/secrets/token1",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 1d1c1e0aa9d1f0b7c6d5e4f3a2b1c0d9e8f7a6b5",
        "ProductionDatabaseSubnetGroupV2AssociationForRegion1 can't be made",
        "/home/Ann/projects/Shop2/infra/site-packages/LongNamedPackage/Provider3/__main__",
        "3f1c2a9e-7f44-4c21-9d0a-5d3d7b6a1c55 and i-0abcd1234ef567890 and arn:aws:iam::123456789012:role/Deploy2Prod",
        'File "/srv/shop/__main__.py", line 12, in <module>',
    ],
)
def test_names_addresses_and_digests_of_things_are_evidence_and_stay(text: str) -> None:
    assert without_secrets(text) == text


def test_what_was_given_as_a_credential_is_one_whatever_it_is_called_and_a_password_in_an_address_too() -> None:
    masks = Masks({"WHO": "marzipan", "DB": "redis://:pflaume@cache:6379", "WHERE": "eu-west-1"}, given=["WHO"])
    masks.learn(["of the state", "short"])
    assert masks.text("marzipan pflaume eu-west-1 of the state short") == "[secret] [secret] eu-west-1 [secret] short"


@pytest.mark.parametrize(
    "written",
    [
        "postgres://app:p%40ss%2Fw%C3%B6rt%20%22x@db/shop",
        "postgres://app:p%40ss/w%C3%B6rt+%22x",
        '{"said": "p@ss/wört \\"x"}',
        '{"said": "p@ss/w\\u00f6rt \\"x"}',
        "0x" + 'p@ss/wört "x'.encode().hex(),
        'p@ss/\n    wört "x',
        *(
            base64.b64encode(before + 'p@ss/wört "x'.encode() + b"; rest").decode()
            for before in (b"", b"a", b"a:", b"app:")
        ),
        base64.urlsafe_b64encode('p@ss/wört "x'.encode()).decode(),
    ],
)
def test_a_known_secret_is_masked_however_it_is_written(written: str) -> None:
    masks = Masks({"THE_PASSWORD": 'p@ss/wört "x'})
    shown = masks.text(written)
    assert "[secret]" in shown
    assert not any(
        part in shown for part in ("w%C3", "wört", "u00f6", "77c3b6", base64.b64encode(b"ss/w").decode()[:4])
    )


def test_values_are_shown_without_what_is_secret_by_its_name_or_looks() -> None:
    given = {
        "dbPassword": "hunter2",
        "secretArn": "arn:aws:secretsmanager:eu:1:secret:x",
        "passwordLength": 12,
        "privateSubnets": ["10.0.1.0/24"],
        "users": [{"name": "ann", "apiKey": 123456, "on": True}],
        "url": "amqps://u:pw@queue/x",
        "apiToken": None,
        "pool": "eu_AbCdEf123GhIjKl456MnOpQr",
    }
    assert {name: shown(name, value) for name, value in given.items()} == given | {
        "dbPassword": "[secret]",
        "users": [{"name": "ann", "apiKey": "[secret]", "on": True}],
        "url": "amqps://u:[secret]@queue/x",
    }

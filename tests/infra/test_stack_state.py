from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from infra.backend import Deployment, FileBackend, StateCorrupt
from infra.digests import declared_digest, state_digest
from infra.runs import message_for, permit_in

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}


def resource(name: str, **parts: object) -> dict[str, object]:
    return {"urn": f"urn:pulumi:dev::demo::demo:File::{name}", "type": "demo:File", "id": name, **parts}


def write(root: Path, resources: list[dict[str, object]], *, zipped: bool = False) -> FileBackend:
    folder = root / ".pulumi" / "stacks" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"version": 3, "checkpoint": {"stack": "dev", "latest": {"resources": resources}}})
    if zipped:
        (folder / "dev.json.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (folder / "dev.json").write_text(text)
    return FileBackend(root, "demo", "dev")


@pytest.mark.parametrize("zipped", [False, True])
def test_outputs_are_read_and_secrets_masked(tmp_path, zipped):
    stack = {"urn": "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", "type": "pulumi:pulumi:Stack"}
    outputs = {"url": "http://x", "password": SECRET, "nested": {"keys": [SECRET]}}
    found = write(tmp_path, [{**stack, "outputs": outputs}, resource("a")], zipped=zipped).deployment()
    assert found is not None
    assert found.outputs == {"url": "http://x", "password": "[secret]", "nested": {"keys": ["[secret]"]}}
    assert [item["id"] for item in found.real] == ["a"]


def test_the_digest_moves_with_what_is_declared_and_with_nothing_else(tmp_path):
    def digest(**parts: object) -> str:
        return state_digest(write(tmp_path, [resource("a", **parts)]).deployment())

    start = digest(inputs={"tags": ["x", "y"]}, outputs={"tags": ["x", "y"], "etag": "1"}, modified="now")
    assert digest(inputs={"tags": ["x", "y"]}, outputs={"tags": ["y", "x"], "etag": "2"}, modified="later") == start
    assert digest(inputs={"tags": ["x", "z"]}, outputs={"tags": ["x", "z"], "etag": "1"}) != start
    assert digest(inputs={"tags": ["x", "y"]}, outputs={"tags": ["x"], "etag": "1"}) != start
    assert state_digest(None) == state_digest(write(tmp_path, []).deployment())


def test_what_isn_t_there_is_none_and_what_is_cut_short_is_an_error(tmp_path):
    assert FileBackend(tmp_path, "demo", "dev").deployment() is None
    backend = write(tmp_path, [resource("a")])
    path = tmp_path / ".pulumi" / "stacks" / "demo" / "dev.json"
    path.write_text(path.read_text()[:40])
    with pytest.raises(StateCorrupt, match="state of dev can't be read"):
        backend.deployment()


def test_the_mark_in_a_message_is_found_again():
    assert permit_in(message_for("deploy by tom", "e_123")) == "e_123"
    assert permit_in("somebody else's [sophia") == ""
    assert permit_in("") == ""


def test_what_is_left_of_a_lock_is_found_and_taken_away_and_a_lock_is_not(tmp_path):
    backend = FileBackend(tmp_path, "demo", "dev")
    locks = tmp_path / ".pulumi/locks/organization/demo/dev"
    locks.mkdir(parents=True)
    whole, cut, young = locks / "a.json", locks / "b.json.18ec34a42cca2c28.tmp", locks / "c.json"
    whole.write_text('{"pid": 1}')
    for path in (cut, young):
        path.write_text("")
    os.utime(cut, (0, 0))
    os.utime(whole, (0, 0))
    assert backend.lock_remnants() == [cut]
    backend.forget_remnants()
    assert sorted(locks.iterdir()) == [whole, young]


def test_what_a_killed_run_was_writing_about_a_file_is_taken_away(tmp_path):
    states = tmp_path / ".pulumi/stacks/demo"
    states.mkdir(parents=True)
    state, torn, whole, other = (
        states / f"{name}" for name in ("dev.json", "dev.json.attrs", "dev.json.bak.attrs", "x")
    )
    for path, text in ((state, "{}"), (torn, ""), (whole, "{}"), (other, "")):
        path.write_text(text)
    FileBackend(tmp_path, "demo", "dev").forget_torn_attributes()
    assert sorted(states.iterdir()) == sorted([state, whole, other])


def test_what_is_declared_is_the_same_however_its_secrets_are_encrypted() -> None:
    def state(word: object) -> Deployment:
        return Deployment(({"urn": "urn:pulumi:dev::shop::demo:net:Box::a", "type": "demo:net:Box", "inputs": word},))

    def secret(ciphertext: str) -> dict[str, str]:
        return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": ciphertext}

    before = declared_digest(state({"password": secret("v1:a"), "size": 3}))
    assert declared_digest(state({"password": secret("v1:b"), "size": 3})) == before
    assert declared_digest(state({"password": secret("v1:b"), "size": 4})) != before
    assert declared_digest(state({"password": "plain", "size": 3})) != before

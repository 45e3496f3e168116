"""`sophia demo`: the whole of it, as a person runs it, in a process of its own."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import psutil
import pytest

NOISE = """<html><head><title>Terms</title></head><body><nav><a href="/?s={nonce}">Home</a></nav><main><h1>Terms</h1>
<p>{words} These terms say what you may do with the service, what we do with what you write, and how either of us ends
the agreement. They are as long as they must be so that a reader takes them for a page and not for an error.</p>
<p>Fees are paid a month in advance. What was paid isn't paid back when somebody leaves before the month has ended.</p>
<p>The law of the place where the company has its seat applies. Whoever complains writes to the company first.</p>
</main><footer>Request {nonce}</footer></body></html>"""


def started(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """The demo in a folder, with an environment that has somebody's own settings in it."""
    return subprocess.Popen(
        [sys.executable, "-m", "agent", "demo", "--folder", str(folder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"SOPHIA_MODEL": "nobody", "SOPHIA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        preexec_fn=hears_ctrl_c,  # noqa: PLW1509 - no thread is started before
    )


def hears_ctrl_c() -> None:
    """Also where the tests themselves run in the background, where a shell has Ctrl-C ignored by all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def left_in(folder: Path) -> list[list[str]]:
    """Processes whose command line names the folder."""
    lines = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return [line for line in lines if any(str(folder) in word for word in line)]


def archive(path: Path, captures: dict[str, list[tuple[str, bool]]]) -> Path:
    """A folder with a stream of captures, packed as the real one is."""
    with tarfile.open(path / "stream.tar.xz", "w:xz") as packed:
        rows = []
        for document, versions in captures.items():
            for number, (words, change) in enumerate(versions):
                file = f"{len(rows):04}.html"
                row = {"document": document, "captured": f"2026-01-{number + 1:02}T00:00:00+00:00", "file": file}
                rows.append(json.dumps(row | {"change": change, "unlabelled": False}))
                _add(packed, file, NOISE.format(nonce=f"{number:016x}a", words=words))
        _add(packed, "index.jsonl", "\n".join(rows))
    return path


def _add(packed: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(f"stream/{name}")
    info.size = len(text.encode())
    packed.addfile(info, io.BytesIO(text.encode()))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_whole_story(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = started(folder)
    said, _ = process.communicate(timeout=380)

    assert process.returncode == 0, said
    assert "Traceback" not in said
    facts = re.search(r"(\d+) of (\d+) facts", said)
    assert facts, said
    assert facts[1] == facts[2]
    assert int(facts[2]) >= 25
    for beat in range(1, 6):
        assert re.search(rf"^✓ {beat}\. .*: \d+\.\d s$", said, re.MULTILINE), said
        assert f"sophia demo --only {beat}" in said
    assert "4 of 4 changes that are known to be real were found" in said
    assert "$399 a month → $449 a month" in said
    assert "ignore your rules" in said
    assert "R4:" in said
    assert "R6:" in said
    assert "its configuration was changed in between" in " ".join(said.replace("│", " ").split())
    assert "going on from where an earlier attempt was cut off" in said
    assert "was rolled back" in said
    assert "The audit log is whole" in said
    assert not [line for line in said.splitlines() if len(line) > 100]
    assert left_in(folder) == []

    environment = os.environ | {"SOPHIA_CONFIG": str(folder / "sophia.toml")}
    asked = [sys.executable, "-m", "agent", "ask", "--json", "how much does Rentaria charge for the Growth plan?"]
    answer = subprocess.run(asked, capture_output=True, text=True, env=environment, check=True, timeout=60)
    assert "$449" in json.dumps(json.loads(answer.stdout)["steps"][0]["result"]["citations"])


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_ctrl_c_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    process = started(folder, "--only", "3")
    try:
        deadline = time.monotonic() + 120
        while not any("service.py" in word for line in left_in(folder) for word in line):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == 1
    assert "Traceback" not in said
    assert "Stopped." in said
    assert left_in(folder) == []


@pytest.mark.timeout(200)
def test_real_captures_are_swept_out_of_their_archive(tmp_path: Path) -> None:
    pages = tmp_path / "captures"
    pages.mkdir()
    same = [("We are glad.", False)] * 3
    changed = [*same, ("We are glad, and we sell your data.", True), ("We are glad, and we sell your data.", False)]
    archive(pages, {"Acme Corp/Terms of Service": changed, "Globex/Privacy Policy": same})

    process = started(tmp_path / "demo", "--only", "1", "--pages", str(pages))
    said, _ = process.communicate(timeout=180)

    assert process.returncode == 0, said
    assert "8 real captures of 2 pages" in said
    assert "1 of 1 changes that are known to be real were found, 1 as an alert" in said
    assert "we sell your data" in said


@pytest.mark.parametrize("what", ["no such folder", "no captures", "a torn archive"])
def test_captures_that_cant_be_read_are_said_before_anything_starts(tmp_path: Path, what: str) -> None:
    pages = tmp_path / "captures"
    if what != "no such folder":
        pages.mkdir()
    if what == "a torn archive":
        (pages / "stream.tar.xz").write_bytes(b"\xfd7zXZ\x00 and no more")

    process = started(tmp_path / "demo", "--pages", str(pages))
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 2, said
    assert "There are no captures to be read" in said
    assert "Traceback" not in said


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "precious"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")

    process = started(folder)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "isn't a demo's" in said.replace("\n", " ")
    assert [item.name for item in folder.iterdir()] == ["thesis.txt"]

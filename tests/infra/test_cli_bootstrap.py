"""Installing Pulumi's command line from a download: checked, whole, once."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.cli import Archive, CliUnavailableError, GoRecipe, Sources, ensure_cli, find_cli
from infra.cli._installation import NEEDED_FILES
from infra.cli._sources import PINNED, this_platform

VERSION = "3.300.1"


def program_text(version: str) -> bytes:
    return f"#!/bin/sh\necho v{version}\n".encode()


def release(version: str = VERSION, *, without: str = "") -> bytes:
    """An archive shaped like the vendor's: everything below `pulumi/`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in (*NEEDED_FILES, "pulumi-language-go"):
            if name != without:
                member = tarfile.TarInfo(f"pulumi/{name}")
                member.size, member.mode = len(program_text(version)), 0o755
                archive.addfile(member, io.BytesIO(program_text(version)))
    return packed.getvalue()


@dataclass
class Downloads:
    """A server on loopback that hands out one archive and counts how often."""

    url: str = ""
    body: bytes = field(default_factory=release)
    announced: int | None = None
    requests: int = 0

    def sources(self, *, sha256: str | None = None, build: GoRecipe | None = None) -> Sources:
        checksum = sha256 or hashlib.sha256(self.body).hexdigest()
        return Sources({this_platform(): Archive(VERSION, self.url, checksum)}, build)


@pytest.fixture
def downloads() -> Iterator[Downloads]:
    served = Downloads()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests += 1
            self.send_response(200)
            self.send_header("Content-Length", str(served.announced or len(served.body)))
            self.end_headers()
            self.wfile.write(served.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/pulumi.tar.gz"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A machine with nothing on PATH and an empty home."""
    (tmp_path / "programs" / "bin").mkdir(parents=True)
    return {"HOME": str(tmp_path), "PATH": str(tmp_path / "programs" / "bin")}


def put_on_path(environ: dict[str, str], name: str, text: bytes) -> Path:
    path = Path(environ["PATH"]) / name
    path.write_bytes(text)
    path.chmod(0o755)
    return path


def test_a_download_is_installed_and_then_found_in_the_cache(downloads: Downloads, environ: dict[str, str]) -> None:
    sources = downloads.sources()
    assert find_cli(environ, sources=sources) is None

    installed = ensure_cli(environ=environ, sources=sources)

    assert (installed.version, installed.origin) == (VERSION, "download")
    assert installed.root.is_relative_to(Path(environ["HOME"]) / ".cache" / "sophia" / "pulumi")
    assert {path.name for path in installed.bin.iterdir()} >= set(NEEDED_FILES)
    again = ensure_cli(environ=environ, sources=sources)
    assert (again.root, again.origin) == (installed.root, "cache")
    assert find_cli(environ, sources=sources) == again
    assert downloads.requests == 1


def test_xdg_cache_home_is_where_the_cache_goes(downloads: Downloads, environ: dict[str, str], tmp_path: Path) -> None:
    environ["XDG_CACHE_HOME"] = str(tmp_path / "elsewhere")
    installed = ensure_cli(environ=environ, sources=downloads.sources())
    assert installed.root.is_relative_to(tmp_path / "elsewhere" / "sophia" / "pulumi")


def test_a_download_with_another_checksum_is_refused(downloads: Downloads, environ: dict[str, str]) -> None:
    said: list[str] = []
    with pytest.raises(CliUnavailableError) as refused:
        ensure_cli(said.append, environ=environ, sources=downloads.sources(sha256="0" * 64))

    found = hashlib.sha256(downloads.body).hexdigest()
    assert f"has the SHA-256 {found}, not the pinned {'0' * 64}" in str(refused.value)
    assert any("SHA-256" in sentence for sentence in said)
    store = Path(environ["HOME"]) / ".cache" / "sophia" / "pulumi"
    assert [path.name for path in store.iterdir()] == ["lock"], "nothing of it may stay"


def test_a_download_that_breaks_off_is_refused(downloads: Downloads, environ: dict[str, str]) -> None:
    downloads.announced = len(downloads.body) + 1
    with pytest.raises(CliUnavailableError, match=r"ended after \d+ of \d+ bytes"):
        ensure_cli(environ=environ, sources=downloads.sources())


@pytest.mark.parametrize(
    "body,why",
    [
        (release(without="pulumi-resource-pulumi-python"), "it lacks pulumi-resource-pulumi-python"),
        (release("3.299.0"), "`pulumi version` answers 3.299.0, not 3.300.1"),
        (b"<html>please log in</html>", "not a gzip file"),
    ],
)
def test_a_release_that_would_not_do_is_refused(
    downloads: Downloads, environ: dict[str, str], body: bytes, why: str
) -> None:
    downloads.body = body
    with pytest.raises(CliUnavailableError) as refused:
        ensure_cli(environ=environ, sources=downloads.sources())
    assert why in str(refused.value)


def test_a_member_that_leads_outside_stays_inside(
    downloads: Downloads, environ: dict[str, str], tmp_path: Path
) -> None:
    packed = io.BytesIO(downloads.body)
    with tarfile.open(fileobj=packed, mode="r:gz") as archive:
        whole = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in {**whole, "../../../outside": b"#!/bin/sh\n"}.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text), 0o755
            archive.addfile(member, io.BytesIO(text))
    downloads.body = packed.getvalue()

    installed = ensure_cli(environ=environ, sources=downloads.sources())

    assert [path.relative_to(installed.root) for path in tmp_path.rglob("outside")] == [Path("bin/outside")]


def test_callers_at_once_install_once(downloads: Downloads, environ: dict[str, str]) -> None:
    with ThreadPoolExecutor(4) as pool:
        installed = list(pool.map(lambda _: ensure_cli(environ=environ, sources=downloads.sources()), range(4)))
    assert downloads.requests == 1
    assert len({installation.root for installation in installed}) == 1
    assert sorted(installation.origin for installation in installed) == ["cache", "cache", "cache", "download"]


def damage_by_truncation(root: Path) -> None:
    (root / "bin" / "pulumi").write_bytes(b"#!/b")


def damage_by_removal(root: Path) -> None:
    (root / "bin" / "pulumi-language-python").unlink()


def damage_by_nonsense(root: Path) -> None:
    (root / "installation.json").write_text("[1, 2")


@pytest.mark.parametrize("damage", [damage_by_truncation, damage_by_removal, damage_by_nonsense])
def test_a_damaged_installation_is_not_found_and_is_replaced(
    downloads: Downloads, environ: dict[str, str], damage: Callable[[Path], None]
) -> None:
    sources = downloads.sources()
    first = ensure_cli(environ=environ, sources=sources)
    damage(first.root)
    assert find_cli(environ, sources=sources) is None
    assert ensure_cli(environ=environ, sources=sources).origin == "download"
    assert find_cli(environ, sources=sources) is not None


def test_what_a_killed_installation_left_is_cleared_away(downloads: Downloads, environ: dict[str, str]) -> None:
    left = Path(environ["HOME"]) / ".cache" / "sophia" / "pulumi" / ".partial-3.0.0-killed"
    left.mkdir(parents=True)
    ensure_cli(environ=environ, sources=downloads.sources())
    assert not left.exists()


def test_when_nothing_works_the_error_says_what_was_tried_and_what_to_install(environ: dict[str, str]) -> None:
    sources = Sources({this_platform(): Archive(VERSION, "http://127.0.0.1:9/x.tar.gz", "0" * 64)}, PINNED.build)
    with pytest.raises(CliUnavailableError) as unavailable:
        ensure_cli(environ=environ, sources=sources)
    path, cache, download, build = unavailable.value.attempts
    assert path == "PATH: there is no `pulumi`"
    assert cache.startswith("cache: nothing usable in ")
    assert download.startswith("download: http://127.0.0.1:9/x.tar.gz: ")
    assert build == "build: there is no `go` on PATH to build Pulumi 3.259.0 with"
    assert "https://www.pulumi.com/docs/install/" in str(unavailable.value)
    assert "https://go.dev/dl/" in str(unavailable.value)


def test_a_platform_without_an_archive_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(CliUnavailableError, match=f"no archive is pinned for {this_platform()}"):
        ensure_cli(environ=environ, sources=Sources({}, None))


def test_an_old_go_is_named(environ: dict[str, str]) -> None:
    go = put_on_path(environ, "go", b"#!/bin/sh\necho go1.22.3\n")
    with pytest.raises(CliUnavailableError) as unavailable:
        ensure_cli(environ=environ, sources=Sources({}, PINNED.build))
    assert f"build: {go} is Go 1.22.3; Pulumi 3.259.0 needs 1.25 or newer" in unavailable.value.attempts


def test_an_old_go_may_fetch_a_newer_one(environ: dict[str, str]) -> None:
    script = b'#!/bin/sh\n[ "$1" = list ] && exit 1\n[ "$GOTOOLCHAIN" = auto ] && echo go1.25.11 || echo go1.22.3\n'
    put_on_path(environ, "go", script)
    with pytest.raises(CliUnavailableError) as unavailable:
        ensure_cli(environ=environ, sources=Sources({}, PINNED.build))
    assert "`go list -deps` failed" in str(unavailable.value)


def test_a_failing_build_shows_its_last_lines(environ: dict[str, str]) -> None:
    script = (
        b'#!/bin/sh\n[ "$1" = env ] && echo go1.99.0 && exit\necho "verifying module: checksum mismatch" >&2\nexit 1\n'
    )
    put_on_path(environ, "go", script)
    with pytest.raises(CliUnavailableError, match=r"`go list -deps` failed:\n\s+verifying module: checksum mismatch"):
        ensure_cli(environ=environ, sources=Sources({}, PINNED.build))


def test_a_cache_that_cannot_be_written_is_an_answer(downloads: Downloads, environ: dict[str, str]) -> None:
    (Path(environ["HOME"]) / ".cache").write_text("a file where a folder should be")
    with pytest.raises(CliUnavailableError, match=r"installing: .*Not a directory"):
        ensure_cli(environ=environ, sources=downloads.sources())


def test_the_modules_are_of_the_version_that_the_recipe_promises() -> None:
    recipe = PINNED.build
    assert recipe is not None
    for name in ("pulumi", "language"):
        assert (recipe.modules / name / "go.sum").read_text()
    required = (recipe.modules / "pulumi" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{recipe.version}" in required
    assert f"github.com/pulumi/pulumi/sdk/v3 v{recipe.version}" in required

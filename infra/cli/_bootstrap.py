"""The order in which sources are tried, and the cache that makes each of them needed once per machine."""

import contextlib
import fcntl
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.cli._build import BuildFailedError, build
from infra.cli._download import DownloadRefusedError, download
from infra.cli._environment import Environ, cache_root
from infra.cli._installation import (
    MINIMUM_VERSION,
    NEEDED_FILES,
    CliInstallation,
    CliUnavailableError,
    Origin,
    named,
    parse_version,
    read_manifest,
    write_manifest,
)
from infra.cli._path import ask_version, on_path
from infra.cli._sources import PINNED, Archive, GoRecipe, Sources, this_platform

__all__ = ["ensure_cli", "find_cli"]

_LOCK_POLL_SECONDS = 0.5

_REMEDY = (
    f"Install Pulumi {named(MINIMUM_VERSION)} or newer (https://www.pulumi.com/docs/install/), or Go "
    "(https://go.dev/dl/) to build it with, and run `python -m infra.cli install`."
)

Progress = Callable[[str], None]


def find_cli(environ: Environ = None, *, sources: Sources = PINNED) -> CliInstallation | None:
    """The command line that is here already, on PATH or in the cache; installs and changes nothing."""
    found = on_path(environ)
    return found if isinstance(found, CliInstallation) else _cached(_store(environ), sources)


def ensure_cli(
    progress: Progress | None = None, *, environ: Environ = None, sources: Sources = PINNED
) -> CliInstallation:
    """The command line, installed if need be; several processes at once install it once.

    `progress` gets short sentences while something long happens. `environ` is what children get and what PATH and
    the cache's place are read from; without it they inherit this process's. Raises CliUnavailableError.
    """
    found = on_path(environ)
    if isinstance(found, CliInstallation):
        return found
    store = _store(environ)
    if cached := _cached(store, sources):
        return cached
    bootstrap = _Bootstrap(store, environ, progress or _silent)
    bootstrap.attempts += [f"PATH: {found}", f"cache: nothing usable in {store}"]
    try:
        with _only_one(store, bootstrap.progress):
            return _cached(store, sources) or bootstrap.install(sources)
    except OSError as error:
        raise CliUnavailableError((*bootstrap.attempts, f"installing: {error}"), _REMEDY) from error


class _Bootstrap:
    """One installation under the store's lock."""

    def __init__(self, store: Path, environ: Environ, progress: Progress) -> None:
        self.attempts: list[str] = []
        self.progress = progress
        self._store = store
        self._environ = environ

    def install(self, sources: Sources) -> CliInstallation:
        """Download, or else build. Raises CliUnavailableError."""
        for left_behind in self._store.glob(".partial-*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        installed = self._from_archive(sources) or self._from_modules(sources)
        if installed is None:
            raise CliUnavailableError(tuple(self.attempts), _REMEDY)
        return installed

    def _from_archive(self, sources: Sources) -> CliInstallation | None:
        archive = sources.archives.get(this_platform())
        if archive is None:
            self._failed("download", f"no archive is pinned for {this_platform()}")
            return None
        try:
            with self._folder(archive) as partial:
                download(archive, partial / "bin", self.progress)
                return self._keep(partial, archive, "download")
        except (DownloadRefusedError, tarfile.TarError, subprocess.SubprocessError, OSError) as error:
            self._failed("download", str(error) if archive.url in str(error) else f"{archive.url}: {error}")
            return None

    def _from_modules(self, sources: Sources) -> CliInstallation | None:
        recipe = sources.build
        if recipe is None:
            self._failed("build", "not asked for")
            return None
        try:
            with self._folder(recipe) as partial:
                build(recipe, partial / "bin", partial / "work", self._environ, self.progress)
                shutil.rmtree(partial / "work")
                return self._keep(partial, recipe, "built")
        except (BuildFailedError, subprocess.SubprocessError, OSError) as error:
            self._failed("build", str(error))
            return None

    def _failed(self, source: str, why: str) -> None:
        self.attempts.append(f"{source}: {why}")
        self.progress(self.attempts[-1])

    @contextlib.contextmanager
    def _folder(self, source: Archive | GoRecipe) -> Iterator[Path]:
        """A folder beside the final place, gone afterwards unless it was kept."""
        partial = Path(tempfile.mkdtemp(prefix=f".partial-{source.version}-", dir=self._store))
        try:
            yield partial
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _keep(self, partial: Path, source: Archive | GoRecipe, origin: Origin) -> CliInstallation:
        """Check that all is there and runs, and move it to its place in one step."""
        _check(partial / "bin", source.version, self._environ)
        write_manifest(partial, source.version)
        partial.chmod(0o755)
        final = self._store / source.key
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
        return CliInstallation(final, source.version, origin)


def _check(bin_folder: Path, version: str, environ: Environ) -> None:
    """Raises OSError for an installation that wouldn't do."""
    missing = [name for name in NEEDED_FILES if not (bin_folder / name).is_file()]
    if missing:
        raise OSError(f"it lacks {', '.join(missing)}")
    answer = ask_version(bin_folder / "pulumi", environ)
    if answer != parse_version(version):
        raise OSError(f"`pulumi version` answers {named(answer) if answer else 'nothing'}, not {version}")


def _cached(store: Path, sources: Sources) -> CliInstallation | None:
    for source in (sources.archives.get(this_platform()), sources.build):
        if source is not None and (found := read_manifest(store / source.key)):
            return found
    return None


def _store(environ: Environ) -> Path:
    return cache_root(environ) / "pulumi"


@contextlib.contextmanager
def _only_one(store: Path, progress: Progress) -> Iterator[None]:
    """Hold the store's lock; the kernel lets go of it if this process dies."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is installing Pulumi; waiting for it")
            _wait_for(lock.fileno())
        yield


def _wait_for(lock: int) -> None:
    while True:
        time.sleep(_LOCK_POLL_SECONDS)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return


def _silent(_sentence: str) -> None:
    """For callers who show no progress."""

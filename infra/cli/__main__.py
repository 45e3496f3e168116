"""`python -m infra.cli install` puts Pulumi's command line in place; `where` says which one would be used."""

import argparse
import sys
import time

from infra.cli import CliInstallation, CliUnavailableError, ensure_cli, find_cli


def main() -> int:
    """Run one of the two commands; the exit status is 1 when there is no command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.cli", description=__doc__)
    parser.add_argument("command", choices=("install", "where"))
    if parser.parse_args().command == "where":
        found = find_cli()
        sys.stdout.write(f"{_described(found) if found else 'not installed'}\n")
        return 0 if found else 1
    started = time.monotonic()

    def progress(sentence: str) -> None:
        sys.stderr.write(f"pulumi: {time.monotonic() - started:4.0f} s  {sentence}\n")
        sys.stderr.flush()

    try:
        installed = ensure_cli(progress)
    except CliUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{_described(installed)}\n")
    return 0


def _described(installation: CliInstallation) -> str:
    return f"Pulumi {installation.version} in {installation.root} ({installation.origin})"


if __name__ == "__main__":
    sys.exit(main())

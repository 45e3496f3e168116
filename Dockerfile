# Sophia in a container: sophia serve, or sophia worker. Its data folder is /data; nothing else is written.
FROM python:3.11-slim-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends git golang ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /sophia
COPY pyproject.toml requirements.lock README.md LICENSE ./
RUN python -m venv .venv && .venv/bin/pip install --quiet "uv>=0.9" \
    && .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode requirements.lock
COPY agent agent
COPY tools tools
COPY memory memory
COPY infra infra
COPY prompts prompts
COPY evals evals
# Go is for Pulumi's command line where its own download can't be reached. It fetches the newer one that it needs by itself,
# which Debian's own can from trixie on.
ENV XDG_CACHE_HOME=/sophia/cache GOTOOLCHAIN=auto
RUN .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m infra.cli install

FROM python:3.11-slim-trixie
RUN useradd --create-home --uid 10001 sophia && mkdir --mode 700 /data && chown sophia /data
COPY --from=build --chown=sophia /sophia /sophia
ENV PATH=/sophia/.venv/bin:$PATH XDG_CACHE_HOME=/sophia/cache SOPHIA_HOME=/data PYTHONUNBUFFERED=1
USER sophia
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", \
    "import http.client; c = http.client.HTTPConnection('127.0.0.1', 3000); c.request('GET', '/ready'); raise SystemExit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["sophia"]
CMD ["serve", "--host", "0.0.0.0", "--port", "3000"]

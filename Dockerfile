# The service alone: no compiler, no test tools, no local runner, no root; the root file system may be read-only.
#
#   docker build -t safety-controls .
#   docker run --rm --env-file settings.env safety-controls python -m service.cli migrate
#   docker run --read-only -p 8000:8000 --env-file settings.env safety-controls
#   docker run --read-only --env-file settings.env safety-controls python -m service.cli relay

FROM python:3.13-slim AS build
WORKDIR /app
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
RUN python -m venv /venv
COPY pyproject.toml requirements.lock ./
COPY service/local/runtime_lock.py service/local/
RUN /venv/bin/python service/local/runtime_lock.py >/runtime.lock \
    && /venv/bin/pip install --require-hashes --no-deps --only-binary :all: --requirement /runtime.lock \
    && /venv/bin/pip check \
    && /venv/bin/pip uninstall --yes pip
COPY migrations migrations
COPY service service
RUN /venv/bin/python -m service.local.compiling && rm -r service/local && /venv/bin/python -m compileall -q service migrations

FROM python:3.13-slim
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH="/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 8000), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
# Workers count metrics together, in memory; commands like migrate count alone and must not see this setting.
CMD ["env", "PROMETHEUS_MULTIPROC_DIR=/dev/shm/metrics", "gunicorn", "--config", "service/gunicorn_conf.py", "service.wsgi:app"]

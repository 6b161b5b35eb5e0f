# One image, two commands: `api` and `worker` (and `migrate`, `doctor`, ... beside them).
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /build
COPY requirements-runtime.lock ./
RUN pip install --require-hashes -r requirements-runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip install --no-deps --no-build-isolation .

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --no-create-home clientbase \
    && install -d -o clientbase -g clientbase -m 0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY alembic.ini ./
COPY migrations migrations
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CLIENTBASE_HOST=0.0.0.0 \
    CLIENTBASE_DATA_DIR=/data
USER clientbase
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["clientbase"]
CMD ["api"]
# Worker: docker run ... clientbase worker
# Both need CLIENTBASE_DATABASE_URL, CLIENTBASE_REDIS_URL and CLIENTBASE_SECRET_KEY, and share /data.

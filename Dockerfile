# Suki on the Python it is locked for. `docker compose build` makes it.
FROM python:3.11.15-slim-bookworm

ENV PYTHONPATH=/opt/suki:/opt/suki/plugins \
    PYTHONUNBUFFERED=1 \
    PATH=/opt/suki/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/suki/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/suki/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    JE_ARROW_MALLOC_CONF=background_thread:false \
    GX_ANALYTICS_ENABLED=false

WORKDIR /opt/suki
RUN useradd --no-create-home --home-dir /opt/airflow --uid 50000 airflow \
 && install -d -o airflow -g airflow -m 700 /opt/airflow

# What changes rarely comes first. Bytecode is compiled here, once: without it every task would compile Great Expectations again.
COPY requirements-image.txt .
RUN pip install --no-cache-dir uv==0.9.* \
 && UV_COMPILE_BYTECODE=1 uv pip install --system --no-cache -r requirements-image.txt \
 && pip uninstall --yes --quiet uv

# Certificates of authorities of your own (*.crt), for a PostgreSQL or an object store that uses them.
COPY deploy/ca /usr/local/share/ca-certificates
RUN update-ca-certificates

# The code belongs to root: who runs it cannot change it.
COPY deploy/alive.py deploy/make_buckets.py deploy/prepare.py deploy/
COPY include include
COPY plugins plugins
COPY bin bin
COPY dags dags
RUN python -m compileall -q deploy include plugins dags

ENV HOME=/opt/airflow
USER airflow
ENTRYPOINT ["airflow"]

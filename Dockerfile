# Suki on the Python it is locked for. `docker compose build` makes it.
FROM python:3.11-slim-bookworm

ENV PYTHONPATH=/opt/suki:/opt/suki/plugins \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/suki/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/suki/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    GX_ANALYTICS_ENABLED=false

WORKDIR /opt/suki
COPY requirements-image.txt .
# Bytecode is compiled here, once: without it every task would compile Great Expectations again.
RUN pip install --no-cache-dir uv==0.9.* \
 && UV_COMPILE_BYTECODE=1 uv pip install --system --no-cache -r requirements-image.txt \
 && useradd --create-home --uid 50000 airflow \
 && mkdir -p /opt/airflow /data/lake && chown -R airflow /opt/airflow /data
COPY --chown=airflow dags dags
COPY --chown=airflow plugins plugins
COPY --chown=airflow include include
COPY --chown=airflow bin bin
ENV PATH=/opt/suki/bin:$PATH
RUN python -m compileall -q dags plugins include
USER airflow
ENTRYPOINT ["airflow"]

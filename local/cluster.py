"""The platform in production's shape on one machine: Redis, two Celery workers, an object store, and nothing shared on disk.

Every service takes itself to be on a machine of its own: home, working folder, temporary folder and Airflow's folder are nobody
else's. What they share is what production's machines share: PostgreSQL, Redis, the object store, and the code (there: the image).
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local import machine
from local.object_store import CRM, EXPORTS, LAKE, LOGS, Login, ObjectStore
from local.ports import held_port
from local.problem import Problem
from local.services import COMMANDS, Platform, Step
from local.settings import Settings

WORKERS = ("worker-1", "worker-2")
REDIS, STORE = "redis", "object-store"
SLOTS = 2
"""Tasks at once of each worker: the two together have as many as LocalExecutor's pool on two cores."""

SHARDS = 2
"""Tasks that score the pairs of each resolve run, however few they are: one a worker."""

HEARTBEAT_TIMEOUT = 30
"""Seconds after which a silent task counts as lost, so that a killed worker is seen within the check; 300 in production."""

QUEUED_TIMEOUT = 45
"""Seconds after which a task that a killed worker had taken and not begun is queued again; 600 in production, where a task may
wait that long for a free worker."""

_REDIS_PORTS, _STORE_PORTS = range(16379, 16479), range(19100, 19200)


class ClusterSettings(Settings):
    """A platform's settings, but that its machines reach Redis and the store by network and own no folder together."""

    @property
    def task_logs(self) -> str:
        """Where the logs of tasks lie once they have ended."""
        return f"s3://{LOGS}/tasks"

    @property
    def machines(self) -> Path:
        """The folder of the machines' disks."""
        return self.state / "machines"

    def disk(self, name: str) -> Path:
        """The disk of one machine."""
        return self.machines / name

    @property
    def store(self) -> ObjectStore:
        """The object store."""
        return ObjectStore(int(self.remembered(f"{STORE}_port")))

    @property
    def store_login(self) -> Login:
        """The login to our buckets."""
        return Login(**self.remembered("store_login"))

    @property
    def redis_port(self) -> int:
        """Redis's port."""
        return int(self.remembered(f"{REDIS}_port"))

    def base_environment(self) -> dict[str, str]:
        """Without what this machine's owner has set up for other stores."""
        return {name: value for name, value in super().base_environment().items() if not name.startswith(("AWS_", "BOTO"))}

    def environment(self, postgres_port: int) -> dict[str, str]:
        """Of every service, wherever it runs."""
        places = {"EXPORTS": EXPORTS, "LAKE": LAKE, "LOGS": LOGS, "CRM": CRM}
        stored = {f"AIRFLOW_CONN_SUKI_{name}": self.store.connection(bucket, self.store_login) for name, bucket in places.items()}
        return {**super().environment(postgres_port), **self._celery(postgres_port), **stored}

    def _celery(self, postgres_port: int) -> dict[str, str]:
        results = f"celery:{self.secret('celery')}@127.0.0.1:{postgres_port}/celery"
        return {
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": f"{machine.__name__}.{machine.name.__name__}",
            "AIRFLOW__CELERY__BROKER_URL": f"redis://:{self.secret('redis')}@127.0.0.1:{self.redis_port}/0",
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://{results}",
            "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(SLOTS),
            "AIRFLOW__CELERY__SYNC_PARALLELISM": "1",
            "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": json.dumps({"imports": ["suki.celery_worker"]}),
            # Redis gives a message again that nobody has confirmed in this time: longer than any task runs. One that was lost is
            # found by its missing heartbeat long before.
            "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "86400",
            "AIRFLOW__SUKI__SHARDS": str(SHARDS),
            "AIRFLOW__SUKI__SHARD_PAIRS": "0",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(HEARTBEAT_TIMEOUT),
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": str(QUEUED_TIMEOUT),
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
            "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
            "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": self.task_logs,
            "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "suki_logs",
            "AIRFLOW__LOGGING__DELETE_LOCAL_LOGS": "True",
        }


class Cluster(Platform):
    """PostgreSQL, Redis, the store and Airflow's services, each on a machine of its own."""

    settings: ClusterSettings

    @property
    def commands(self) -> dict[str, tuple[str, ...]]:
        """Every service beside PostgreSQL."""
        worker = ("airflow", "celery", "worker", "--skip-serve-logs", "--without-gossip", "--without-mingle", "--celery-hostname")
        return {
            REDIS: ("redis-server", str(self.settings.disk(REDIS) / "redis.conf")),
            STORE: self.settings.store.command(),
            **COMMANDS,
            **{name: (*worker, name) for name in WORKERS},
        }

    def service_environment(self, name: str) -> dict[str, str]:
        """The cluster's settings, and which machine this is."""
        disk = self.service_folder(name)
        environment = self.settings.base_environment() if name in (REDIS, STORE) else self.environment()
        own = {"HOME": disk, "TMPDIR": disk / "tmp", "AIRFLOW_HOME": disk / "airflow"}
        return {**environment, **{variable: str(folder) for variable, folder in own.items()}, machine.VARIABLE: name}

    def service_folder(self, name: str) -> Path:
        """The disk of the service's machine."""
        disk = self.settings.disk(name)
        disk.joinpath("tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
        return disk

    # --- up and down ---

    def begin(self, beside: Step | None = None) -> None:
        """Start all, workers last, and return when every part is well."""
        if shutil.which("redis-server", path=self.settings.base_environment()["PATH"]) is None:
            raise Problem("The program redis-server is missing. Debian, Ubuntu: apt-get install redis-server")
        with self._ports_held():
            self._start_redis()
            self._start_store()
        self.say(f"Redis runs on port {self.settings.redis_port}, the object store on port {self.settings.store.port}")
        super().begin(beside)
        for worker in WORKERS:
            self._wait(worker, self._greeted(worker))

    def stop(self) -> None:
        """Stop the workers while what they talk to still answers, then the others."""
        for worker in WORKERS:
            self.registry.stop(worker, patience=5.0)
        super().stop()

    def start_postgres(self) -> None:
        """With a database for the workers' results: a worker has no business in Airflow's own."""
        super().start_postgres()
        self.postgres.ensure_login("celery", self.settings.secret("celery"))
        self.postgres.ensure_database("celery", "celery")

    def _start_airflow(self) -> None:
        super()._start_airflow()
        for worker in WORKERS:
            self._start(worker)

    @contextmanager
    def _ports_held(self) -> Iterator[None]:
        """Free ones, of what does not run."""
        with ExitStack() as held:
            for name, among in ((REDIS, _REDIS_PORTS), (STORE, _STORE_PORTS)):
                if self.registry.running(name) is None:
                    before = self.settings.remembered(f"{name}_port")
                    self.settings.remember(f"{name}_port", held.enter_context(held_port(None, before, among, "its port", name)))
            yield

    def _start_redis(self) -> None:
        if self.registry.running(REDIS) is not None:
            return
        folder = self.service_folder(REDIS)
        wanted = {
            "port": self.settings.redis_port,
            "bind": "127.0.0.1",
            "requirepass": self.settings.secret("redis"),
            "save": '""',
            "dir": folder,
        }
        conf = folder / "redis.conf"
        conf.touch(mode=0o600)  # the password stands here and in no command line
        conf.write_text("".join(f"{name} {value}\n" for name, value in wanted.items()))
        self._start(REDIS)
        self._wait(REDIS, self._redis_answers)

    def _start_store(self) -> None:
        if self.registry.running(STORE) is not None:
            return
        self._start(STORE)
        store = self.settings.store
        self._wait(STORE, store.ready)
        login = store.set_up()
        self.settings.remember("store_login", {"key": login.key, "secret": login.secret})

    def _redis_answers(self) -> bool:
        import redis

        with redis.Redis(port=self.settings.redis_port, password=self.settings.secret("redis")) as client:
            try:
                return bool(client.ping())
            except redis.exceptions.ConnectionError:
                return False

    def _greeted(self, worker: str) -> Callable[[], bool]:
        """Whether the worker has said that it takes tasks."""
        log = self.settings.logs / f"{worker}.log"
        return lambda: f"{worker} ready" in log.read_text(errors="replace")

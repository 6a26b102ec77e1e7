"""The embedded PostgreSQL starts from any state a machine may be left in, and leaves nothing when it stops."""

import os
import pwd
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local import processes
from local.ports import choose_port, held_port
from local.postgres import OS_USER, PORTS, Server
from local.problem import Problem

pytestmark = pytest.mark.integration

PASSWORD = "of the superuser"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="suki-test-home-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    server = Server(home, PASSWORD, {"fsync": "off", "shared_buffers": "16MB"})
    yield server
    server.stop()


def test_it_listens_on_the_loopback_alone_and_asks_for_the_password(server: Server) -> None:
    port = server.start(with_parent=True)
    with server.superuser() as connection:
        shown = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')"
        ).fetchone()
    assert shown == ("127.0.0.1", "")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{port}/postgres")


def test_it_leaves_a_port_alone_on_which_another_platform_is_about_to_listen(server: Server) -> None:
    with held_port(None, None, PORTS, "SUKI_X", "it") as port:
        assert server.start(with_parent=True) != port
    server.stop()
    assert server.start(with_parent=True) != port, "the one remembered"


def test_it_never_runs_as_root(server: Server) -> None:
    server.start(with_parent=True)
    process = server.running()
    assert process is not None
    owner = Path(f"/proc/{process.pid}").stat().st_uid
    assert owner != 0
    assert owner == (pwd.getpwnam(OS_USER).pw_uid if os.geteuid() == 0 else os.geteuid())


def test_stopping_it_leaves_no_process_and_a_start_finds_the_data_again(server: Server) -> None:
    port = server.start(with_parent=True)
    first = server.running()
    assert first is not None
    server.ensure_login("someone", "one")
    server.ensure_database("kept", "someone")
    family = processes.family(first.pid)
    assert len(family) > 1
    server.stop()
    assert [pid for pid in family if processes.identify(pid)] == []
    assert server.start(with_parent=True) == port
    with psycopg.connect(server.url("kept", "someone", "one")) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_a_start_after_kill_9_lets_no_process_of_the_killed_server_write_beside_the_new_one(server: Server) -> None:
    server.start(with_parent=True)
    first = server.running()
    assert first is not None
    with server.superuser() as connection:
        session = processes.identify(connection.info.backend_pid)
        assert session is not None
        os.kill(session.pid, signal.SIGSTOP)  # as one in the middle of a long computation, that does not look up
        os.kill(first.pid, signal.SIGKILL)
        while server.running() is not None:
            time.sleep(0.01)
        server.start(with_parent=True)
        assert not processes.alive(session)


def test_starting_it_twice_is_one_server(server: Server) -> None:
    server.start(with_parent=True)
    first = server.running()
    assert Server(server.home, PASSWORD).start() == server.port
    assert server.running() == first


def test_a_data_folder_half_made_is_made_again(server: Server) -> None:
    half_made = server.home / "data.making"
    half_made.mkdir()
    half_made.joinpath("PG_VERSION").write_text("18")
    server.start(with_parent=True)
    assert not half_made.exists()


def test_a_server_killed_outright_recovers_although_its_pid_now_belongs_to_a_stranger(server: Server) -> None:
    server.start(with_parent=True)
    process = server.running()
    assert process is not None
    server.ensure_login("someone", "one")
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    processes.end(processes.family(process.pid), signal_number=9)
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert server.running() is None
    server.start(with_parent=True)
    with server.superuser() as connection:
        assert connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'someone'").fetchone() == (1,)


def test_a_port_asked_for_and_taken_is_a_sentence_that_names_the_variable(server: Server) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        with pytest.raises(Problem, match=r"Port \d+, asked for by SUKI_POSTGRES_PORT, is taken"):
            server.start(stranger.getsockname()[1])


def test_a_remembered_port_that_is_taken_now_is_replaced(server: Server) -> None:
    port = server.start(with_parent=True)
    server.stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        assert server.start(with_parent=True) != port


def test_no_free_port_at_all_is_a_sentence() -> None:
    with pytest.raises(Problem, match="Set SUKI_X to a free one"):
        choose_port(None, None, PORTS[:0], "SUKI_X", "it")


def test_another_password_than_the_remembered_one_is_a_sentence(server: Server) -> None:
    server.start(with_parent=True)
    with pytest.raises(Problem, match="another password"):
        Server(server.home, "forgotten").start()


def test_a_login_that_makes_a_role_may_act_as_it(server: Server) -> None:
    server.start(with_parent=True)
    server.ensure_login("someone", "one", may_create_roles=True)
    server.ensure_database("theirs", "someone")
    with psycopg.connect(server.url("theirs", "someone", "one")) as connection:
        connection.execute("CREATE ROLE made_by_them NOLOGIN")
        connection.execute("SET ROLE made_by_them")
        assert connection.execute("SELECT current_user").fetchone() == ("made_by_them",)


def test_the_servers_log_holds_no_value_of_a_failed_statement(server: Server) -> None:
    server.start(with_parent=True)
    with server.superuser() as connection:
        for statement in ("SELECT 'juan@example.com'::uuid", "SELECT 1/0 /* juan@example.com */"):
            with pytest.raises(psycopg.DataError):
                connection.execute(statement)
        with pytest.raises(psycopg.DataError):
            connection.execute("SELECT %s::text::int", ("juan@example.com",))
    server.stop()
    log = server.log.read_text()
    assert "database system is ready" in log
    assert "juan" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user, who may be shut out")
def test_root_is_told_to_keep_the_data_where_the_servers_user_can_go(home: Path) -> None:
    shut = home / "shut"
    shut.mkdir(mode=0o700)
    with pytest.raises(Problem, match="Set SUKI_POSTGRES_HOME"):
        Server(shut / "postgres", PASSWORD).start(with_parent=True)

"""The real thing on loopback: PostgreSQL, Redis, nginx and three servers, each with a temporary folder, as deploy/ sets them up."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest
import redis

from bot.quiet import ROOT

READY_SECONDS = 300
DEPLOY = ROOT / "deploy"


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def until(holds, seconds, told):
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, told() if callable(told) else told
        time.sleep(0.1)


class Process:
    """Something that was started here, and is ended here by its own number."""

    def __init__(self, command, log, user=None, cwd=None, env=None):
        self.command, self.log, self.settings = command, log, {"user": user, "cwd": cwd, "env": env}
        self.start()

    def start(self):
        user = self.settings["user"]
        groups = {"group": user, "extra_groups": []} if user else {}
        with self.log.open("a") as log:
            self.running = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **self.settings, **groups)

    def send(self, number):
        with suppress(ProcessLookupError):
            self.running.send_signal(number)

    def used(self):
        """Seconds of processor and megabytes of memory of the process and its children."""
        ticks = pages = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(") ")[2].split()
                if self.running.pid in (int(stat.parent.name), int(fields[1])):
                    ticks, pages = ticks + int(fields[11]) + int(fields[12]), pages + int(fields[21])
        return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self, number=signal.SIGTERM, seconds=30):
        self.send(signal.SIGCONT)
        self.send(number)
        return self.running.wait(seconds)


class Database(Process):
    """PostgreSQL with the database `assistant`, whose own disk is a small one."""

    def __init__(self, folder):
        self.port, self.password, self.disk = free_port(), secrets.token_hex(8), Disk(folder / "disk", 48)
        user = "postgres" if os.getuid() == 0 else None
        data, small = folder / "data", folder / "disk" / "space"
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        small.mkdir()
        (folder / "password").write_text(self.password)
        for path in (folder, small, folder / "password"):
            if user:
                shutil.chown(path, user, user)
        initdb = [programs / "initdb", "-D", data, "-U", "assistant", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "UTF8", "--locale=C"]
        subprocess.run(initdb, check=True, user=user, stdout=subprocess.DEVNULL)
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={folder} -c max_connections=60".split()
        super().__init__([programs / "postgres", "-D", data, *options], folder / "postgres.log", user)
        self.wait()
        for line in (f"CREATE TABLESPACE small LOCATION '{small}'", "CREATE DATABASE assistant TABLESPACE small"):
            self.ask(line, database="postgres")

    def connect(self, database="assistant"):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, user="assistant", password=self.password, dbname=database)
        connection.autocommit = True
        return connection

    def ask(self, line, *values, database="assistant"):
        """The rows that a statement gives."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(line, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def wait(self):
        def answers():
            with suppress(psycopg2.OperationalError):
                return self.ask("select 1", database="postgres")

        until(answers, 60, self.log.read_text)


class Redis(Process):
    """Redis that keeps what it is told, as deploy/compose.yml starts it."""

    def __init__(self, folder):
        self.port, self.password = free_port(), secrets.token_hex(8)
        options = f"--port {self.port} --bind 127.0.0.1 --dir {folder} --requirepass {self.password} --appendonly yes --save".split()
        super().__init__(["redis-server", *options, ""], folder / "redis.log")
        self.wait()

    def wait(self):
        client = redis.Redis("127.0.0.1", self.port, password=self.password)

        def answers():
            with suppress(redis.RedisError):
                return client.ping()

        until(answers, 30, self.log.read_text)


class Disk:
    """A disk of a few megabytes."""

    def __init__(self, path, megabytes):
        self.path = path
        path.mkdir()
        mounting = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path], capture_output=True, text=True)
        assert mounting.returncode == 0, f"a small disk for the tests needs root and the right to mount: {mounting.stderr}"

    def fill(self):
        with suppress(OSError), (self.path / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))

    def free(self):
        (self.path / "ballast").unlink()

    def unmount(self):
        subprocess.run(["umount", "--lazy", self.path], check=True)


class Server(Process):
    """One server of the assistant, of a release: the folder with its code and its model."""

    def __init__(self, folder, environment, endpoints=DEPLOY / "endpoints.yml", release=ROOT):
        self.port = free_port()
        command = [sys.executable, "-m", "bot", "run", "--port", str(self.port), "--endpoints", str(endpoints)]
        super().__init__(command, folder / f"server-{self.port}.log", cwd=release, env={**os.environ, **environment})

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def answers(self):
        assert self.running.poll() is None, self.log.read_text()
        with suppress(OSError):
            return urllib.request.urlopen(f"{self.address}/chat/settings", timeout=5).status == 200

    def wait(self):
        until(self.answers, READY_SECONDS, self.log.read_text)


class Nginx(Process):
    """nginx with deploy/nginx-many.conf, its servers those that it is given."""

    def __init__(self, folder, servers):
        self.folder, self.port = folder, free_port()
        self.write(servers)
        names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{name}_temp_path {folder}/{name};" for name in names)
        seen = "log_format seen '$upstream_addr $upstream_status $status'; access_log " + f"{folder}/access.log seen;"
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; worker_processes 1; events {{ worker_connections 2048; }} "
            f"http {{ {places} {seen} include {folder}/many.conf; }} {'user root;' if os.getuid() == 0 else ''}"
        )
        super().__init__(["/usr/sbin/nginx", "-e", folder / "error.log", "-c", folder / "nginx.conf"], folder / "nginx.log")
        self.address = f"http://127.0.0.1:{self.port}"

    def write(self, servers):
        lines = "".join(f"    server 127.0.0.1:{server.port} max_fails=3 fail_timeout=10s;\n" for server in servers)
        text = re.sub(r"(?:    server server-\d:5005 .*\n)+", lines, (DEPLOY / "nginx-many.conf").read_text())
        assert lines in text
        (self.folder / "many.conf").write_text(text.replace("listen 8080;", f"listen 127.0.0.1:{self.port};"))

    def change(self, servers):
        self.write(servers)
        self.send(signal.SIGHUP)

    def seen(self):
        """How many requests each server got."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return {port: sum(f"127.0.0.1:{port} " in f"{line} ".replace(",", " ") for line in lines) for port in re.findall(r"127.0.0.1:(\d+)", " ".join(lines))}


class Installation:
    """All of it."""

    def __init__(self, folder):
        self.folder = folder
        self.database = Database(_made(folder / "postgres"))
        self.redis = Redis(_made(folder / "redis"))
        self.environment = {
            **{"DB_HOST": "127.0.0.1", "DB_PORT": str(self.database.port), "DB_NAME": "assistant", "DB_USER": "assistant"},
            **{"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(self.redis.port), "SESSION_KEY": secrets.token_hex(32)},
            **{"DB_PASSWORD": self.database.password, "REDIS_PASSWORD": self.redis.password},
            **{"REQUESTS_PER_ADDRESS": "1000000", "REQUESTS_PER_SESSION": "1000000"},
        }
        self.servers = [self.server() for _ in range(3)]
        for server in self.servers:
            server.wait()
        self.nginx = Nginx(_made(folder / "nginx"), self.servers)

    def server(self, release=ROOT):
        return Server(self.folder, self.environment, release=release)

    def end(self):
        for process in (*self.servers, self.nginx, self.redis, self.database):
            process.end(signal.SIGKILL if process in self.servers else signal.SIGINT)
        self.database.disk.unmount()


def _made(path):
    path.mkdir()
    return path


@pytest.fixture(scope="session")
def place():
    """A folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def told(pytestconfig):
    """Writes a line to the terminal at once."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def tell(line):
        with capture.global_and_fixture_disabled():
            print(f"\n    {line}", flush=True)

    return tell


@pytest.fixture(scope="session")
def installation(place, model):
    """PostgreSQL, Redis, nginx and three servers."""
    running = Installation(place)
    yield running
    running.end()

"""The assistant as it stands on the internet: an unprivileged user on a tree that it cannot write, the limits that hold, real nginx with TLS in front."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from bot.quiet import ROOT
from bot.rate_limits import PER_ADDRESS, PER_SESSION
from tests.service.conftest import Server

pytestmark = [pytest.mark.service, pytest.mark.model]

NOBODY = 65534
NAME = "chat.clinic.example"
# A user who may read everything, since a tree below /root could not be read otherwise, and write nothing that is not theirs.
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", "--bounding-set=-all,+dac_read_search"]
AS_NOBODY += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
# Whoever is not root anyway gets the tree mounted so that nobody can write it.
READ_ONLY = ["unshare", "-rm", "sh", "-c", f'mount --bind {ROOT} {ROOT} && mount -o remount,bind,ro {ROOT} && exec "$@"', "sh"]


class Deployed(Server):
    """A server without rights."""

    prefix = AS_NOBODY if os.getuid() == 0 else READ_ONLY


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name):
    """The path of a program that the tests need."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    assert found, f"The tests of the deployment need {name}, and it is not here: run bin/services"
    return found


def files():
    """Every file of the tree, and when it was written."""
    kept = [Path(folder) / name for folder, folders, names in os.walk(ROOT) if not prune(folders) for name in names]
    return {path: path.lstat().st_mtime_ns for path in kept}


def prune(folders):
    folders[:] = [name for name in folders if name not in (".git", ".venv", ".uv", "node_modules", "var", "__pycache__", ".pytest_cache", ".hypothesis")]


@pytest.fixture(scope="module")
def folder():
    """A place that the unprivileged user owns."""
    made = Path(tempfile.mkdtemp(prefix="deployed-"))
    if os.getuid() == 0:
        os.chown(made, NOBODY, NOBODY)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def deployed(folder, model):
    """The assistant with the limits that hold, trusting the proxy at 127.0.0.1."""
    before = files()
    limits = {"REQUESTS_PER_SESSION": "", "REQUESTS_PER_ADDRESS": "", "TRUSTED_PROXIES": "127.0.0.1"}
    server = Deployed(folder, HOME="/nonexistent", TMPDIR=str(folder), SESSION_KEY="k" * 32, **limits)
    try:
        server.wait_until_ready()
        server.before = before
        yield server
    finally:
        server.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def nginx(folder, deployed):
    """Real nginx with deploy/nginx.conf, its ports, paths and certificate changed; returns the port of TLS and that of plain HTTP."""
    key, certificate, secure, plain = folder / "key.pem", folder / "certificate.pem", free_port(), free_port()
    made = [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for theirs, ours in {
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl http2;\n": "",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "server 127.0.0.1:5005;": f"server {deployed.address.removeprefix('http://')};",
        f"/etc/ssl/certs/{NAME}.pem": str(certificate),
        f"/etc/ssl/private/{NAME}.key": str(key),
        "/var/log/nginx/assistant.log": str(folder / "nginx.log"),
        "client_header_timeout 10s;": "client_header_timeout 1s;",
        "client_body_timeout 10s;": "client_body_timeout 1s;",
    }.items():
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    (folder / "assistant.conf").write_text(text)
    places = "".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = folder / "nginx.conf"
    conf.write_text(f"daemon off; pid {folder}/nginx.pid; events {{}} http {{ access_log off; {places} include {folder}/assistant.conf; }}")
    command = [program("nginx"), "-c", conf, "-e", str(folder / "nginx.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command)
    try:
        wait_for_port(secure)
        yield secure, plain, certificate
    finally:
        process.terminate()
        process.wait(10)


def wait_for_port(port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


def tls(nginx):
    """A connection to nginx that checks the certificate and its name, as a browser does."""
    secure, _, certificate = nginx
    context = ssl.create_default_context(cafile=str(certificate))
    return context.wrap_socket(socket.create_connection(("127.0.0.1", secure), 20), server_hostname=NAME)


def ask(nginx, method, path, body=None, **headers):
    """One request through nginx; returns status, headers and what came back, as JSON where it is."""
    connection = http.client.HTTPSConnection(NAME)
    connection.sock = tls(nginx)
    connection.request(method, path, body if isinstance(body, bytes) or body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(content) if "json" in answer.headers.get("Content-Type", "") else content.decode()


def direct(deployed, path, body, source="127.0.0.3", forwarded=()):
    """One request past nginx, by default from an address that nobody trusts; each address in `forwarded` has a header of its own."""
    content = json.dumps(body).encode()
    connection = http.client.HTTPConnection(deployed.address.removeprefix("http://"), source_address=(source, 0))
    connection.putrequest("POST", f"/chat/{path}")
    for address in forwarded:
        connection.putheader("X-Forwarded-For", address)
    connection.putheader("Content-Length", str(len(content)))
    connection.endheaders(content)
    answer = connection.getresponse()
    told = json.load(answer)
    connection.close()
    return answer.status, answer.headers, told


def test_unprivileged_user_on_a_read_only_tree_serves_a_whole_conversation(deployed, folder):
    refused = subprocess.run([*Deployed.prefix, "touch", str(ROOT / "written")], capture_output=True, text=True)
    assert refused.returncode != 0, "the test itself must not be able to write"
    session = deployed.session()
    assert deployed.say("How much is MesoGlow?", session, message_id="1")["topics"] == ["cost"]
    assert deployed.post("feedback", {"session": session, "message_id": "1", "verdict": "good"})[0] == 200
    assert len(deployed.post("history", {"session": session})[1]["messages"]) == 2
    assert deployed.post("erase", {"session": session}) == (200, {"erased": True})
    status = Path(f"/proc/{deployed.process.pid}/status").read_text()
    assert not re.search(r"^Uid:\s+0\s", status, re.MULTILINE)
    assert not re.search("WARNING|ERROR|Traceback|denied", deployed.output), deployed.output
    assert files() == deployed.before, "the tree is as it was"


def test_visitor_s_address_is_in_no_file(deployed, folder):
    direct(deployed, "sessions", {}, source="127.0.0.7")
    kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"127.0.0.7" in content for content in kept)


def test_one_conversation_that_asks_too_fast_is_told_to_wait(deployed):
    session = direct(deployed, "sessions", {}, source="127.0.0.4")[2]["session"]
    answers = [direct(deployed, "history", {"session": session}, source="127.0.0.4") for _ in range(2 * PER_SESSION + 1)]
    status, headers, told = next(answer for answer in answers if answer[0] != 200)
    assert (status, told["code"]) == (429, "too_many")
    assert 1 <= int(headers["Retry-After"]) <= 61
    assert "call the clinic" in told["error"]
    assert direct(deployed, "sessions", {}, source="127.0.0.4")[0] == 200, "others behind that address go on"


def test_address_that_asks_too_fast_is_refused_whatever_it_says_of_itself(deployed):
    answers = (direct(deployed, "sessions", {}, source="127.0.0.5", forwarded=[f"192.0.2.{turn % 250}"]) for turn in range(2 * PER_ADDRESS + 1))
    status, headers, told = next(answer for answer in answers if answer[0] != 200)
    assert (status, told["code"]) == (429, "too_many")
    assert 1 <= int(headers["Retry-After"]) <= 61
    assert direct(deployed, "sessions", {}, source="127.0.0.6")[0] == 200, "other addresses go on"


def test_proxy_s_word_on_whose_request_it_is_counts(deployed):
    def through_proxy(*forwarded):
        return direct(deployed, "sessions", {}, source="127.0.0.1", forwarded=forwarded)[0]

    assert 429 in (through_proxy(f"192.0.2.{turn % 250}", "198.51.100.1") for turn in range(2 * PER_ADDRESS + 1))
    assert through_proxy("192.0.2.1, 198.51.100.2") == 200


def test_visitor_gets_through_over_tls_with_every_header(nginx):
    status, headers, page = ask(nginx, "GET", "/")
    assert status == 200
    assert "Easy to reach" in page
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Server"] == "nginx"
    assert headers["X-Content-Type-Options"] == "nosniff"
    session = ask(nginx, "POST", "/chat/sessions", {})[2]["session"]
    assert ask(nginx, "POST", "/chat/messages", {"session": session, "text": "Does it hurt?"})[2]["topics"] == ["pain"]
    assert ask(nginx, "GET", "/metrics")[0] == 404


def test_plain_http_is_sent_to_tls(nginx):
    connection = http.client.HTTPConnection("127.0.0.1", nginx[1])
    connection.request("POST", "/chat/sessions", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/chat/sessions")
    connection.close()


def test_old_tls_is_refused(nginx):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError), context.wrap_socket(socket.create_connection(("127.0.0.1", nginx[0]), 20)):
        pass


@pytest.mark.parametrize("size", [300_000, 600_000])
def test_oversized_body_is_refused_in_json(nginx, size):
    status, headers, told = ask(nginx, "POST", "/chat/messages", b"x" * size)
    assert (status, told["code"]) == (413, "too_large")
    assert headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /chat/messages HTTP/1.1\r\nHost: chat.clinic.example\r\nX-Slow: ",
        b"POST /chat/messages HTTP/1.1\r\nHost: chat.clinic.example\r\nContent-Length: 50\r\n\r\n{",
    ],
    ids=["header", "body"],
)
def test_slow_client_is_sent_away_by_nginx(nginx, sent):
    with tls(nginx) as connection:
        connection.sendall(sent)
        try:
            answer = connection.recv(65536)
        except ConnectionResetError:
            answer = b""
    assert answer == b"" or b" 408 " in answer


def test_header_that_a_visitor_sends_counts_for_nothing_behind_nginx(nginx, deployed):
    """Visitors of nginx are 127.0.0.1 here, whose requests of this minute are used up first; were their header believed, they would be somebody else."""
    for _ in range(3):  # a new minute may begin in between
        assert 429 in (direct(deployed, "sessions", {}, source="127.0.0.1")[0] for _ in range(2 * PER_ADDRESS + 1))
        status, headers, told = ask(nginx, "POST", "/chat/sessions", {}, **{"X-Forwarded-For": "192.0.2.1"})
        if status == 429:
            break
    assert (status, told["code"]) == (429, "too_many")
    assert headers["Retry-After"]

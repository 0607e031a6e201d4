"""Requests that nobody sends in good faith, and what has to hold during and after them.

tests/service sends 2,000 in every test run, tests/load 20,000. Of them 45 % are bodies of every kind, 35 % are malformed as HTTP, 15 % are
made by schemathesis from docs/openapi.yml, and 5 % are messages that are read and answered, since each of those takes the server 30 to 80 ms
and most others next to nothing.
"""

import http.client
import json
import re
import socket
from collections import Counter

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from bot.admission import admit
from bot.quiet import ROOT

SERVICES = ("sessions", "messages", "history", "feedback", "erase")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LEAKS = ("Traceback", 'File "', ".py", "anic", "rasa", "Exception")
TALK = 25
"""Messages of one conversation, on average; a turn takes longer the more there were before."""

# every plane, halves of characters that have none, characters that turn the direction of writing or cannot be seen, and what means something elsewhere
CHARACTERS = st.one_of(st.characters(exclude_categories=[]), st.sampled_from("\u202e\u2066\u2069\u200b\u200d\ufeff\x00\x1b\x7f\U000e0041\U0010ffff\ud800é"))
COMMANDS = [
    '/restart{"a": 1}',
    '/intent{"x": "y"}',
    "/ask_cost",
    "EXTERNAL: ask_cost",
    "/session_start",
    "{{7*7}}",
    "<script>",
    "'; drop table events; --",
    "../" * 50,
]
TEXTS = st.one_of(st.text(CHARACTERS, max_size=300), st.sampled_from(COMMANDS), st.text("how much does it cost?\u202e ", max_size=80))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS, max_size=8), inner, max_size=4),
    max_leaves=6,
)
FIELDS = ("session", "text", "choice", "message_id", "verdict", "why", "metadata", "sender_id", "sender", "input_channel", "stream", "events", "__proto__")
LARGE = st.sampled_from(
    [
        b"[" * 200_000,
        b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        b'{"session": "' + b"x" * 1_000_000 + b'"}',
        b"\x00" * 1_000_000,
        b'"' + b"\\ud800" * 20_000 + b'"',
        b"9" * 200_000,
    ]
)
BODIES = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6).map(lambda body: json.dumps(body).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=500),
    st.binary(max_size=500),
    LARGE,
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "Origin", "X-Forwarded-For", "Forwarded", "Accept", "Cookie", "X-Request-ID", "Authorization", "Referer"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60),
    max_size=3,
)
LINES = st.binary(max_size=60).map(lambda line: line.replace(b"\n", b""))
TARGETS = st.one_of(st.sampled_from([b"/", b"/chat/messages", b"//", b"*", b"http://", b":80", b"/%00%ff", b"/../clinic.yml"]), LINES)
RAW = st.tuples(
    st.sampled_from([b"GET", b"POST", b"OPTIONS", b"PUT", b"\xff", b""]),
    TARGETS,
    st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9", b""]),
    st.lists(
        st.one_of(
            LINES,
            st.sampled_from([b"Content-Length: -1", b"Content-Length: 1e3", b"Content-Length: 999999999999", b"Content-Length: 0"]),
            st.sampled_from(
                [b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked, x", b"Expect: magic", b"Upgrade: websocket", b"Host: a\xff", b"Host: b"]
            ),
        ),
        max_size=5,
    ),
).map(lambda parts: b" ".join(parts[:3]) + b"\r\n" + b"".join(line + b"\r\n" for line in parts[3]) + b"Connection: close\r\n\r\n")


class Fuzz:
    """Sends requests to one server and looks at every answer; `statuses` counts them."""

    def __init__(self, server):
        self.statuses = Counter()
        self._server = server
        self._host = server.address.removeprefix("http://")
        self._client = requests.Session()
        self._connection = http.client.HTTPConnection(self._host, timeout=60)
        self._talks = {}
        self._wild = server.session()

    def run(self, count):
        """Send so many requests, and check that no conversation lost a message or got another's."""
        kept = self._server.session()
        self._server.say("How much is MesoGlow?", kept, message_id="kept")
        before = self._server.post("history", {"session": kept})
        slow = [self._begin(head) for head in (b"POST /chat/sessions HTTP/1.1\r\nX: ", b"POST /chat/sessions HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")]

        operations = [operation.ok() for operation in schemathesis.openapi.from_path(ROOT / "docs" / "openapi.yml").get_all_operations()]
        for operation in operations:
            for mode in GenerationMode:
                if operation.body or mode is GenerationMode.POSITIVE:  # nothing can be wrong where nothing is sent
                    play(operation.as_strategy(generation_mode=mode), int(count * 0.15) // (2 * len(operations) - 1), self._described)
        play(st.tuples(st.sampled_from(SERVICES), BODIES, HEADERS), int(count * 0.45), lambda value: self._body(*value))
        play(RAW, int(count * 0.35), self._raw)
        messages = int(count * 0.05)
        self._talks = {self._server.session(): [] for _ in range(messages // TALK)}
        play(st.tuples(st.sampled_from(sorted(self._talks)), TEXTS), messages, lambda value: self._message(*value))
        self._connection.close()  # the server has long closed its end
        while self.statuses.total() < count:  # settings, for one, can be asked for in one way only
            self._body("sessions", b"{}", {})

        for connection in slow:
            assert b" 408 " in self._answer(connection)
        for session, said in self._talks.items():
            history = self._server.post("history", {"session": session})[1]["messages"]
            for who in ("visitor", "assistant"):
                assert [entry["message_id"] for entry in history if entry["from"] == who] == said
        assert self._server.post("history", {"session": kept}) == before
        assert self._server.say("and how long does that last?", kept)["topics"] == ["duration"]
        assert "Traceback" not in self._server.output
        assert self._server.process.poll() is None
        self._client.close()
        self._connection.close()

    def _described(self, case):
        """What docs/openapi.yml allows, or nearly; every second one has the token of a conversation that is there."""
        if self.statuses.total() % 2 and isinstance(case.body, dict) and case.path != "/chat/erase":
            case.body["session"] = self._wild
        response = case.call(base_url=self._server.address, session=self._client, timeout=60)
        case.validate_response(response, checks=CHECKS)
        self._look(response.status_code, response.text)

    def _body(self, service, body, headers):
        self._connection.request("POST", f"/chat/{service}", body, {name: value.strip() for name, value in headers.items()})
        response = self._connection.getresponse()
        self._look(response.status, response.read().decode())

    def _raw(self, sent):
        answer = self._answer(self._begin(sent))
        assert answer.startswith(b"HTTP/1.1 "), sent
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"nosniff" in head, sent
        length = re.search(rb"content-length: (\d+)", head)
        self._look(int(head.split()[1]), body[: int(length[1])].decode() if length else "")  # what was sent may have been two requests

    def _begin(self, sent):
        host, port = self._host.split(":")
        connection = socket.create_connection((host, int(port)), 60)
        connection.sendall(sent)
        return connection

    def _answer(self, connection):
        answer = b""
        with connection:
            while piece := connection.recv(65536):
                answer += piece
        return answer

    def _message(self, session, text):
        message_id = f"fuzz-{self.statuses.total()}"
        status, reply = self._server.post("messages", {"session": session, "text": text, "message_id": message_id})
        assert (status, bool(reply["text"].strip())) == (200, True), text
        self.statuses[status] += 1
        if admit(text):
            self._talks[session].append(message_id)

    def _look(self, status, text):
        assert 200 <= status < 500, (status, text)
        if status >= 400:
            assert not any(leak in text for leak in LEAKS), text
            assert text == "" or json.loads(text).keys() == {"error", "code"}, text
        self.statuses[status] += 1


def play(strategy, count, act):
    """Do something with so many values, the same in every run."""

    @settings(max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def each(value):
        act(value)

    each()

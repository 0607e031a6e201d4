"""Drives Debian's Firefox by the protocol that it brings along, since Playwright drives only a Firefox of its own build."""

import base64
import json
import socket
import subprocess
import time

READY_SECONDS = 60


class Firefox:
    """One headless Firefox with a fresh profile."""

    def __init__(self, program, profile):
        profile.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(profile), "--window-size", "1180,820"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._socket = self._connect(port)
        self._number = 0
        self._receive()
        self.call("WebDriver:NewSession", capabilities={})

    def _connect(self, port):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=30)
            except OSError:
                assert self.process.poll() is None, "Firefox ended"
                assert time.monotonic() < deadline, "Firefox does not answer"
                time.sleep(0.2)

    def _receive(self):
        """One message: its length, a colon, JSON."""
        length = b""
        while (digit := self._socket.recv(1)) != b":":
            length += digit
        content = b""
        while len(content) < int(length):
            content += self._socket.recv(int(length) - len(content))
        return json.loads(content)

    def call(self, name, **parameters):
        """Run one command and return its value."""
        self._number += 1
        message = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        assert error is None, error
        return result.get("value") if isinstance(result, dict) else result

    def run(self, script, *arguments):
        """What a script returns; `root` in it is the widget's shadow root."""
        root = "const root = document.querySelector('clinic-chat')?.shadowRoot;"
        return self.call("WebDriver:ExecuteScript", script=f"{root} {script}", args=list(arguments))

    def wait(self, script, seconds=15):
        """Wait until a script returns something that holds, and return it."""
        deadline = time.monotonic() + seconds
        while not (found := self.run(script)):
            assert time.monotonic() < deadline, script
            time.sleep(0.1)
        return found

    def type(self, text):
        """Press the keys of a text; "\\n" is Enter, "\\t" Tab, "\\x1b" Escape."""
        named = {"\n": "\ue007", "\t": "\ue004", "\x1b": "\ue00c"}
        keys = [named.get(letter, letter) for letter in text]
        presses = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": presses}])

    def screenshot(self, path):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("WebDriver:TakeScreenshot", full=False)))

    def close(self):
        self._socket.close()
        self.process.terminate()
        self.process.wait(20)

"""Visitors for Locust, for trying an installation of your own: each asks, follows up and leaves.

pip install locust && locust -f tests/load/locustfile.py --host http://127.0.0.1:8080 --users 200 --spawn-rate 5 --run-time 2m --headless

Set REQUESTS_PER_ADDRESS of the servers high enough, since all of these visitors come from one address.
"""

import random
import uuid

from locust import HttpUser, between, task

CONVERSATIONS = (
    (("how much is mesoglow", "cost"), ("and botox?", "cost"), ("how long does that last", "duration")),
    (("how long do fillers last", "duration"), ("and how much do they cost?", "cost"), ("are they safe", "safety")),
    (("what is mesotherapy", "definition"), ("is it FDA approved", "regulation"), ("who can do it", "providers")),
)


class Visitor(HttpUser):
    """Somebody who types every few seconds."""

    wait_time = between(3, 15)

    @task
    def talk(self):
        """One conversation; an answer to another question than the one asked counts as a failure."""
        session = self.client.post("/chat/sessions", json={}, name="session").json()["session"]
        for text, topic in random.choice(CONVERSATIONS):
            message = {"session": session, "message_id": uuid.uuid4().hex, "text": text}
            with self.client.post("/chat/messages", json=message, name="message", catch_response=True) as answer:
                if answer.status_code == 200 and answer.json()["topics"] != [topic]:
                    answer.failure("the reply is about something else")
            self.wait()

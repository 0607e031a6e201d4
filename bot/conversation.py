"""The assistant inside this process: what the shell, evaluation and the tests talk to. Nothing is written to the clinic's database."""

from __future__ import annotations

import gc
from pathlib import Path

from rasa.core.agent import Agent
from rasa.shared.nlu.constants import INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY

from bot import launch
from bot.admission import admit
from bot.composer import Composer
from bot.edge import Edge, Message
from bot.inprocess import InProcessActions
from bot.nlu.message_reader import MessageReader
from bot.reader import Thresholds


class Assistant:
    """The trained model, the real actions, and the channel's own edge, with conversations in memory."""

    def __init__(self, agent: Agent, composer: Composer) -> None:
        self.agent = agent
        self._edge = Edge(agent.handle_message, composer)

    @classmethod
    def load(cls, model: Path | None = None) -> Assistant:
        """Load the model, by default the one that `make train` made.

        Raises: LaunchError saying what is missing or broken.
        """
        composer = launch.composer()
        actions = InProcessActions()
        path = model or launch.model()
        try:
            agent = Agent.load(path, action_endpoint=actions)
        except Exception as error:  # the model is a pickle of many libraries, which raise what they like
            raise launch.LaunchError(f"The model {path.name} cannot be loaded ({error}): run `make train`.") from error
        gc.freeze()  # as in bot/server.py: the process ends at once
        return cls(agent, composer)

    def welcome(self) -> Message:
        """How a conversation begins: opening message and disclosure."""
        return self._edge.welcome()

    async def reply(self, session: str, text: str) -> Message:
        """The reply to a typed message: the parts of the contract, and `text`."""
        return await self._edge.reply(session, text)

    async def choose(self, session: str, choice: str) -> Message:
        """The reply to a pressed button."""
        return await self._edge.choose(session, choice)

    async def ranking(self, session: str, text: str) -> list[tuple[str, float]]:
        """What the last message of a session, `text`, was taken for: the decision with its share first, then the other intents.

        Empty where the message never came to the model: it was empty, or its turn failed.
        """
        tracker = await self.agent.tracker_store.retrieve(session)
        said = tracker.latest_message if tracker else None
        if said is None or said.text != admit(text):
            return []
        return [(entry[INTENT_NAME_KEY], float(entry[PREDICTED_CONFIDENCE_KEY])) for entry in said.parse_data.get(INTENT_RANKING_KEY) or ()]

    @property
    def threshold(self) -> float:
        """The share from which a single reading is acted on: `answer` of config.yml, as the model was trained with it."""
        nodes = self.agent.processor.model_metadata.predict_schema.nodes.values()
        configured = (node.config.get("answer") for node in nodes if node.uses is MessageReader)
        return float(next((value for value in configured if value is not None), Thresholds.answer))

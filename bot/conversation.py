"""The assistant inside this process: what the shell, evaluation and the tests talk to. Nothing is written to the clinic's database."""

from __future__ import annotations

import gc
from pathlib import Path

from rasa.core.agent import Agent

from bot import launch
from bot.composer import Composer
from bot.edge import Edge, Message
from bot.inprocess import InProcessActions


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

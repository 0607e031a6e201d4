"""What tests of several folders share."""

import pytest


@pytest.fixture(scope="session")
def model():
    """The trained model, trained first if it is not up to date."""
    from bot import composer, training

    training.train(composer.load().store)
    return training.MODEL


@pytest.fixture(scope="session")
def assistant(model):
    """The assistant in this process: the trained model, the real actions, conversations in memory."""
    from bot.conversation import Assistant

    return Assistant.load(model)

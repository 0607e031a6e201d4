"""Where no story fits, a conversation goes on."""

import pytest

pytestmark = pytest.mark.model


UNFORESEEN = (["what about it all", "yes", "yes"], ["what about it all", "yes", "no", "yes"], ["what about it all", "no", "go on"], ["yes"])


@pytest.mark.parametrize("said", UNFORESEEN, ids=" - ".join)
async def test_conversation_goes_on_after_what_no_story_foresaw(assistant, caplog, said):
    session = f"recovery {said}"
    for text in [*said, "How much is MesoGlow?"]:
        reply = await assistant.reply(session, text)
    assert reply["topics"] == ["cost"]
    assert "messages" not in caplog.text, "each turn gave one reply"
    assert "Circuit breaker" not in caplog.text

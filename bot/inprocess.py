"""Runs the custom actions inside the process that talks to visitors: no second server, no HTTP between them."""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.launch import LaunchError
from bot.quiet import places


class InProcessActions(EndpointConfig):
    """Stands where Rasa expects the address of an action server.

    `RemoteAction` calls nothing of it but `request(json=...)` (rasa/core/actions/action.py:780).
    """

    def __init__(self, package: str = "actions") -> None:
        """Import and register every action of a package.

        Raises: LaunchError naming the module that cannot be imported; the SDK would just end the process (rasa_sdk/executor.py:266).
        """
        super().__init__(url=f"inprocess://{package}")
        _import_all(package)
        self.executor = ActionExecutor()
        self.executor.register_package(package)
        _check_the_schema_once()

    async def request(self, *_: Any, json: dict[str, Any], **__: Any) -> Any:
        """Run one action; what it returns passes through JSON, so that it behaves as it would over HTTP."""
        return await _run(self.executor, json)


async def _run(executor: ActionExecutor, call: dict[str, Any]) -> Any:
    try:
        return json.loads(json.dumps(await executor.run(call)))
    except ActionExecutionRejection as rejection:
        body = json.dumps({"action_name": rejection.action_name, "error": rejection.message})
        raise ClientResponseError(400, "rejected", body) from rejection


def _check_the_schema_once() -> None:
    """Let Rasa check the result of every action against its schema, but the schema itself only here.

    `RemoteAction` has that constant schema checked at every call, which is more than half of a turn, and offers no way around it
    (rasa/core/actions/action.py:699).
    """
    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)
    validator.check_schema(schema)
    check = validator(schema)
    events = schema["properties"]["events"]["items"]
    kinds = {kind["properties"]["event"]["const"]: validator({**events, "oneOf": [kind]}) for kind in events["oneOf"]}

    def validate(_: RemoteAction, result: dict[str, Any]) -> bool:
        try:  # each event against its own kind, rather than against all of them
            is_right = all(kinds[event["event"]].is_valid(event) for event in result["events"]) and check.is_valid({**result, "events": []})
        except (KeyError, TypeError):
            is_right = False
        if not is_right:
            check.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def _import_all(package: str) -> None:
    name = package
    try:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            name = module.name
            importlib.import_module(name)
    except Exception as error:
        raise LaunchError(f"{name.replace('.', '/')}.py cannot be loaded: {error} ({places(error)})") from error

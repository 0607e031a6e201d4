"""Serves the web channel, with the actions in the same process."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import launch, logs, metrics
from bot.composer import load, put_in_force
from bot.live import Watch
from bot.progress import LOADING, Clock, stages
from bot.quiet import ROOT, places
from bot.signals import ending_at_once, temporary_files_in

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from rasa.core.lock_store import LockStore
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints
    from sanic import Sanic

HOST, PORT = "127.0.0.1", 5005
SHUTDOWN_SECONDS = 3.0
HOUR, DAY = 3600, 86400
SECONDS_BETWEEN_LOOKS = 1.0

_log = logging.getLogger(__name__)


def serve(host: str = HOST, port: int = PORT, endpoints: Path = launch.ENDPOINTS) -> None:
    """Serve until interrupted; port 0 takes any free one.

    Raises: LaunchError, before anything listens, if something is missing, broken or in use.
    """
    endpoints = endpoints.resolve()
    os.chdir(ROOT)  # settings name their files relative to it
    composer = launch.composer()
    model = launch.model()
    launch.settings(endpoints)
    held = launch.listen(host, port)
    logs.keep()
    if port_of_metrics := os.environ.get("METRICS_PORT"):
        host_of_metrics = os.environ.get("METRICS_HOST") or metrics.HOST
        print(f"Metrics: {metrics.serve(port_of_metrics, host_of_metrics)}", file=sys.stderr)
    for gap in composer.clinic.gaps:
        print(f"clinic.yml: {gap} is not filled in; general wording is used instead.", file=sys.stderr)
    with held, stages() as clock, ending_at_once() as scratch:
        clock.stage(LOADING)
        app = _app()
        _load_on_start(app, model, endpoints, clock, scratch)
        _renew_in_background(app, Watch(composer))
        _forget_in_background(app)
        _announce_on_start(app, clock, f"http://{f'[{host}]' if ':' in host else host}:{held.getsockname()[1]}/")
        # what goes wrong here is told in one line by who called us
        logging.getLogger("sanic.error").addFilter(lambda record: "while trying to serve" not in record.getMessage())
        app.run(sock=held, workers=1, access_log=False, motd=False)
    if not getattr(app.ctx, "announced", False):
        raise launch.LaunchError(f"Port {port} was taken while the assistant was starting: stop what uses it, or take another one.")


def _app() -> Sanic:
    """The application with its channels, and no model yet."""
    from rasa.core.run import close_resources, configure_app, create_http_input_channels
    from rasa.shared.exceptions import RasaException

    from bot import health

    try:
        channels = create_http_input_channels(None, str(launch.CREDENTIALS))
    except (RasaException, TypeError, KeyError, AttributeError) as error:
        raise launch.LaunchError(f"credentials.yml does not fit: {_first_line(error)}") from error
    app: Sanic = configure_app(channels, enable_api=False)
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = SHUTDOWN_SECONDS
    app.register_listener(close_resources, "after_server_stop")
    metrics.attach(app)
    health.attach(app)
    return app


def _load_on_start(app: Sanic, model: Path, endpoints: Path, clock: Clock, scratch: Path) -> None:
    async def load(app: Sanic, _: Any) -> None:
        clock.stage("Loading the model")
        with temporary_files_in(scratch):
            app.ctx.agent = await _agent(model, endpoints)
        gc.freeze()  # what is loaded stays, so that the collector need not go through it: the process ends in 1.7 s rather than 3.5
        with suppress(AttributeError):  # give back what loading needed for a while, 85 MB; a C library other than GNU's has no call for it
            ctypes.CDLL(None).malloc_trim(0)

    app.register_listener(load, "before_server_start")


def _renew_in_background(app: Sanic, watch: Watch) -> None:
    """Every second, look for changes of the facts and of clinic.yml, read them beside the event loop, and put them in force at once for all turns to come."""
    app.ctx.watch = watch

    async def renew() -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            if composer := await asyncio.to_thread(watch.look):
                put_in_force(composer)
                app.ctx.show()

    async def begin(app: Sanic, _: Any) -> None:
        app.add_task(renew(), name="renew")  # with a name, so that it ends with the server

    app.register_listener(begin, "after_server_start")


def _forget_in_background(app: Sanic) -> None:
    """Every hour, delete the conversations that the clinic does not want to keep any longer."""

    async def forget() -> None:
        from bot.record import stores

        while True:
            days = load().clinic.retention_days
            try:
                for store in stores(app.ctx.agent.tracker_store):
                    if hasattr(store, "forget") and (count := store.forget(time.time() - days * DAY)):
                        _log.info("%d conversations older than %d days were deleted", count, days)
            except Exception as error:  # the database may be away for a while; the next hour tries again
                _log.error("old conversations could not be deleted: %s", places(error))
            await asyncio.sleep(HOUR)

    async def begin(app: Sanic, _: Any) -> None:
        app.add_task(forget(), name="forget")

    app.register_listener(begin, "after_server_start")


def _announce_on_start(app: Sanic, clock: Clock, address: str) -> None:
    async def announce(app: Sanic, _: Any) -> None:
        app.ctx.announced = True
        clock.end()
        print(f"Open {address}   (Ctrl-C ends it)", flush=True)

    app.register_listener(announce, "after_server_start")


async def _agent(model: Path, settings: Path) -> Agent:
    """What Rasa's own `load_agent` does (rasa/core/agent.py:190), except that errors are raised rather than logged."""
    from rasa.core.agent import Agent

    from bot.inprocess import InProcessActions

    actions = InProcessActions()
    tracker_store, lock_store, endpoints = await open_stores(settings)
    agent = Agent(generator=endpoints.nlg, tracker_store=tracker_store, lock_store=lock_store, action_endpoint=actions)
    # without Rasa's wrapper, which keeps in memory what cannot be saved, and answers as if nothing were wrong (rasa/core/tracker_store.py:1377)
    agent.tracker_store = agent.tracker_store._tracker_store
    try:
        agent.load_model(model)
    except Exception as error:  # the model is a pickle of many libraries, which raise what they like
        raise launch.LaunchError(f"The model cannot be loaded: {_first_line(error)}; train it anew with `make train`.") from error
    return agent


async def open_stores(settings: Path) -> tuple[TrackerStore, LockStore, AvailableEndpoints]:
    """The stores that a file of endpoints asks for, those and no others, and the file itself as Rasa reads it.

    Raises: LaunchError.
    """
    from rasa.core.brokers.broker import EventBroker
    from rasa.core.lock_store import LockStore
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.exceptions import ConnectionException

    try:
        endpoints = AvailableEndpoints.read_endpoints(str(settings))
        broker = await EventBroker.create(endpoints.event_broker, loop=asyncio.get_running_loop())
        tracker_store = TrackerStore.create(endpoints.tracker_store, event_broker=broker)
        lock_store = LockStore.create(endpoints.lock_store)
    except ConnectionException as error:
        raise launch.LaunchError(f"{settings.name}, field tracker_store: the database cannot be reached: {_first_line(error)}") from error
    except Exception as error:  # each kind of store raises its own
        raise launch.LaunchError(f"{settings.name}: a store or broker cannot be used: {_first_line(error)}") from error
    _check_loaded(endpoints, tracker_store, lock_store, broker)
    return tracker_store, lock_store, endpoints


def _check_loaded(endpoints: Any, tracker_store: Any, lock_store: Any, broker: Any) -> None:
    """Refuse to start with a store or broker other than the one asked for, where Rasa only warns (rasa/core/tracker_store.py:1553)."""
    from rasa.core.tracker_store import InMemoryTrackerStore

    if endpoints.tracker_store is not None and isinstance(tracker_store, InMemoryTrackerStore):
        raise launch.LaunchError(f"endpoints.yml, field tracker_store: '{endpoints.tracker_store.type}' cannot be loaded.")
    if hasattr(tracker_store, "engine"):
        try:
            tracker_store.engine.connect().close()
        except Exception as error:  # every database has its own
            raise launch.LaunchError(f"endpoints.yml, field tracker_store: the database cannot be reached: {_first_line(error)}") from error
    if hasattr(lock_store, "red"):
        try:
            lock_store.red.ping()
        except Exception as error:  # of the network, of the password
            raise launch.LaunchError(f"endpoints.yml, field lock_store: Redis cannot be reached: {_first_line(error)}") from error
    if endpoints.event_broker is not None and broker is None:
        raise launch.LaunchError(f"endpoints.yml, field event_broker: '{endpoints.event_broker.type}' is unknown or cannot be reached.")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

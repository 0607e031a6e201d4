"""Rasa without what this project has no use for.

    python -m bot.lean_rasa train ...     Rasa's own command, for the components of this project's config.yml

TensorFlow is 330 MB and a third of the time to start, and Rasa imports it whether or not a component needs it. Names of it that Rasa's modules refer to when
they are imported (base classes, decorators, types) get a stand-in that can do nothing; a component that is built on one says so when somebody makes it.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from bot import yaml_file
from bot.quiet import ROOT

NEED_IT = frozenset(("ConveRTFeaturizer", "DIETClassifier", "LanguageModelFeaturizer", "ResponseSelector", "TEDPolicy", "UnexpecTEDIntentPolicy"))
"""Rasa's components that need TensorFlow."""
CONFIG = ROOT / "config.yml"
_PACKAGES = frozenset(("keras", "tensorflow", "tensorflow_addons", "tensorflow_hub"))


def leave_out_tensorflow(config: Path = CONFIG) -> bool:
    """Have what imports TensorFlow get a stand-in, unless a file like config.yml names a component that needs the real one; return whether.

    It must be called before anything imports Rasa. A file that cannot be read leaves it to Rasa to say so.
    """
    try:
        read: Any = yaml_file.read(config)
        named = {str(entry["name"]).rpartition(".")[2] for part in ("pipeline", "policies") for entry in read.get(part) or ()}
    except (OSError, UnicodeDecodeError, yaml_file.YamlError, AttributeError, KeyError, TypeError):
        return False
    if named & NEED_IT or not _PACKAGES.isdisjoint(sys.modules):
        return any(isinstance(finder, _Finder) for finder in sys.meta_path)
    sys.meta_path.insert(0, _Finder())
    return True


class _Kind(ABCMeta):
    """The type of the stand-in: each of its attributes is the stand-in again, and a call gives back the function or class that is decorated."""

    def __getattr__(cls, name: str) -> Any:
        return _attribute(name)

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if cls is not StandIn:
            raise ImportError(f"{cls.__module__}.{cls.__name__} needs TensorFlow, which bot/lean_rasa.py has left out: add its component to NEED_IT there.")
        return arguments[0] if len(arguments) == 1 and not options and isinstance(arguments[0], (FunctionType, type)) else StandIn


class StandIn(metaclass=_Kind):
    """Stands where a name of TensorFlow would."""


class _Module(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return _attribute(name)


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in _PACKAGES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def _attribute(name: str) -> type[StandIn]:
    if name.startswith("__"):  # what Python itself asks for, to see whether it is there
        raise AttributeError(name)
    return StandIn


def _hash_nothing() -> None:
    """Spare the hashes of all training data before and after each component, for a cache that is not used (rasa/engine/training/hooks.py:34)."""
    from rasa.engine.training.hooks import TrainingHook

    TrainingHook.on_before_node = lambda *_, **__: {}
    TrainingHook.on_after_node = lambda *_, **__: None


def _pack_lightly() -> None:
    """Pack a model in two seconds rather than in eight, a hundredth larger: it is mostly numbers (rasa/engine/storage/local_model_storage.py:216)."""
    from tarsafe import TarSafe

    def gzopen(cls: type[Any], /, name: Any, mode: Any = "r", fileobj: Any = None, compresslevel: int = 1, **options: Any) -> Any:
        return super(TarSafe, cls).gzopen(name, mode, fileobj, compresslevel, **options)

    TarSafe.gzopen = classmethod(gzopen)


def main() -> None:
    """Run Rasa's command line, without its cache, and pack models lightly."""
    leave_out_tensorflow()
    _hash_nothing()
    _pack_lightly()
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()

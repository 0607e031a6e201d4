"""The FAQ assistant about mesotherapy for the face: fact store, understanding, channel and command line."""

__version__ = "0.2.0"

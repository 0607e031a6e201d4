"""The NLU pipeline of config.yml: thin Rasa graph components around the Rasa-free modules of `bot`."""

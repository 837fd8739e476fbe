"""The sections of the settings, one module a subject; `config.settings` puts them together."""

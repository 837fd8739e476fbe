"""Composition: settings, wiring, the command line, Asterisk's configuration and demo data."""

__version__ = "0.1.0"

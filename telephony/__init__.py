"""Asterisk: bytes to messages, messages to facts, facts to calls, and commands back."""

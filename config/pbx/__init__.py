"""A real Asterisk of one's own, run without root, with SIP phones that follow a script.

`fetch` unpacks it, `process` runs it with the configuration of `config.asterisk`, `phone` calls it.
"""

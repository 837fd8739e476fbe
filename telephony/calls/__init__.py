"""From facts to calls: what one switch knows of every call, whatever order it tells it in.

Facts are kept as dated records of channels (`leg`) that belong to one matter (`matter`): earliest
instants, members of sets, places in sorted lists. That is the same in any order and any number of
times. A call is computed from its matter's records (`view` and the modules it uses); a step is the
difference between two such computations (`steps`). `record` is the table of facts, `register` knows
which channels are one matter, `tracker` holds everything together.
"""

from telephony.calls.tracker import Tracker

__all__ = ["Tracker"]

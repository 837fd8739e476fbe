"""The simulated PBX of the demo."""

from telephony.simulator.people import Conduct, Fate, Phone, Visit
from telephony.simulator.simulator import DESKS, Simulator

__all__ = ["DESKS", "Conduct", "Fate", "Phone", "Simulator", "Visit"]

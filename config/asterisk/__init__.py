"""The Asterisk this product needs, written as a complete set of configuration files.

`Plan` says what is to be, `render` writes it. The names below are the seam between dialplan and
server; `telephony` uses the same.

Contexts the server sends channels to (AMI Originate, Redirect, BlindTransfer, Atxfer):

- `hotline-outbound`, extension = number: an agent's phone calls out (click-to-call).
- `hotline-transfer`, extension = number or device: a transferred citizen, or a consultation.
- `hotline-conference`, extension = room number (digits): citizen, agent and a third party.
- `hotline-wait-citizen`, `hotline-wait-agent`, extension `s`: both legs of a call held from the
  page; with `HL_PEER` set to the other leg's channel neither waits for somebody gone.
- `hotline-resume`, extension `s`: the citizen's leg takes the channel named in `HL_PEER` back.
- `hotline-queue`, extension `s`: the citizen goes (back) to the queue.

Phones live in `internal` and pass others on into `hotline-refer`: both end at `hotline-gate`, which
opens for the agents' own phones, for 110, 119 and 120, and for what the server allows.

User events: `HotlineInbound`, `HotlineOutbound`, `HotlineRecording`, `HotlineCallback`,
`HotlineVoicemail`, `HotlineSurvey`, `HotlineRefused`; each carries `CallId`.

Channel variables: `HL_CALLID` (inherited by every leg), `HL_CITIZEN` (1 on the citizen's own
channel), `HL_RECORDING`, `HL_PEER`. A citizen's channel also carries the call id as account code
and the recording id as user field, so that CDR and CEL name both.
"""

from config.asterisk.plan import BadPlan, Device, Folders, Plan, Queue, Taken, Trunk
from config.asterisk.render import render

__all__ = ["BadPlan", "Device", "Folders", "Plan", "Queue", "Taken", "Trunk", "render"]

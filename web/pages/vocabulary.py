"""The words for codes that travel in calls, tickets, presences and refusals.

Each table maps a code to its English text, which is the key of the translation. Templates use them
by filter, scripts by the JSON that `layout` puts into the page.
"""

from collections.abc import Mapping


def N_(text: str) -> str:  # noqa: N802 - gettext's mark for a text translated later
    """Mark a text for extraction."""
    return text


KINDS = {
    "consult": N_("Enquiry"),
    "help": N_("Request for help"),
    "complaint": N_("Complaint"),
    "suggestion": N_("Suggestion"),
}
STATUSES = {"open": N_("Open"), "closed": N_("Closed")}
WAYS = {
    "962200": N_("962200 direct"),
    "12345": N_("From 12345"),
    "110": N_("From 110"),
    "outbound": N_("Outbound"),
    "internal": N_("Internal"),
}
OUTCOMES = {
    "answered": N_("Answered"),
    "abandoned_greeting": N_("Hung up in the greeting"),
    "abandoned_queue": N_("Hung up in the queue"),
    "abandoned_ringing": N_("Hung up while ringing"),
    "no_agent": N_("Nobody was there"),
    "callback": N_("Asked to be called back"),
    "busy": N_("Busy"),
    "no_answer": N_("No answer"),
    "rejected": N_("Rejected"),
    "unreachable": N_("Not reachable"),
    "wrong_number": N_("Wrong number"),
    "failed": N_("Line failed"),
    "lost": N_("Cut by a fault"),
}
STATES = {
    "ready": N_("Ready"),
    "ringing": N_("Ringing"),
    "talking": N_("Talking"),
    "holding": N_("On hold"),
    "held": N_("On hold"),
    "wrap_up": N_("Wrap-up"),
    "paused": N_("On break"),
    "unreachable": N_("Phone offline"),
    "signed_out": N_("Signed out"),
    "greeting": N_("In the greeting"),
    "queued": N_("In the queue"),
    "ended": N_("Ended"),
    "passed": N_("Passed on"),
    "draft": N_("Not saved yet"),
}
OFFERS = {
    "answered": N_("Answered"),
    "missed": N_("Not answered"),
    "rejected": N_("Rejected"),
    "unreachable": N_("Phone gone"),
    "withdrawn": N_("Withdrawn"),
}
TRANSFERS = {
    "blind": N_("Blind transfer"),
    "attended": N_("Attended transfer"),
    "threeway": N_("Three-way call"),
    "handback": N_("Handed back"),
}
TRANSFER_OUTCOMES = {
    "completed": N_("completed"),
    "cancelled": N_("cancelled"),
    "no_answer": N_("no answer"),
    "busy": N_("busy"),
    "failed": N_("failed"),
}
RECORDINGS = {
    "recording": N_("Recording now"),
    "closed": N_("Being checked"),
    "verified": N_("Verified"),
    "repaired": N_("Repaired copy"),
    "missing": N_("File missing"),
}
PAUSES = {
    "rest": N_("Short break"),
    "meal": N_("Meal"),
    "meeting": N_("Meeting"),
    "training": N_("Training"),
    "paperwork": N_("Paperwork"),
}
REFUSALS = {
    "ticket.kind": N_("Choose one of the four kinds."),
    "ticket.content_missing": N_("Write what the citizen asks."),
    "ticket.content_long": N_("The content is longer than 8,000 characters: shorten it."),
    "ticket.caller_name_long": N_("The name is longer than 80 characters: shorten it."),
    "ticket.caller_number_long": N_("The number is longer than 32 characters: shorten it."),
    "ticket.content_control": N_("The content holds invisible control characters: remove them."),
    "ticket.caller_name_control": N_("The name holds invisible control characters: remove them."),
    "ticket.caller_number_control": N_(
        "The number holds invisible control characters: remove them."
    ),
    "ticket.call_unknown": N_("The call of this ticket is not known: reload the page."),
    "ticket.unknown": N_("There is no ticket of this number."),
    "call.unknown": N_("There is no such call."),
    "call.none": N_("There is no call at this desk."),
    "recording.unknown": N_("There is no such recording."),
    "presence.not_now": N_("This is not possible in your present state."),
    "presence.in_call": N_("End the call first, then leave the phone."),
    "presence.signed_out": N_("Sign in at a phone first."),
    "presence.reason": N_("Choose why you take a break."),
    "device.unknown": N_("This phone does not belong to the hotline: choose another."),
    "device.taken": N_("A colleague is signed in at this phone: choose another."),
    "switch.unavailable": N_(
        "The telephone system did not take the command: use the phone itself."
    ),
    "switch.by_hand": N_("Pick this telephone up by hand."),
    "switch.nothing_rings": N_("Nothing rings at this phone any more."),
    "switch.not_held": N_("This call is not on hold."),
    "switch.call_over": N_("This call has ended."),
    "switch.not_talking": N_("This call is not being talked."),
    "switch.not_in_call": N_("This phone is not in the call."),
    "switch.number": N_("The number: 3 to 20 digits and nothing else."),
    "switch.device": N_("The telephone system does not know this phone."),
    "switch.call": N_("The telephone system does not know this call: reload the page."),
    "switch.value_broken": N_("Remove line breaks and invisible characters."),
    "switch.value_long": N_("This is too long for the telephone system: shorten it."),
    "recording.running": N_("It is still being recorded: listen after the call."),
    "recording.missing": N_("The sound file is not there: tell the administrator."),
    "unavailable": N_("The database cannot answer now. Nothing is lost: try again in a moment."),
    "role": N_("Your post does not allow this."),
    "auth.required": N_("You are logged out: log in again. What you typed is kept."),
    "auth.forbidden": N_("This is not open to you."),
    "auth.origin": N_("This did not come from a page of this server: open the page again."),
    "auth.csrf": N_("The page was open for too long: reload it. What you typed is kept."),
    "login.refused": N_("Name or password is wrong: type both again."),
    "login.wait": N_("Too many wrong passwords: wait a minute, then try again."),
    "login.busy": N_("Many people log in just now: try again in a moment."),
    "request.not_found": N_("There is no page at this address."),
    "request.method": N_("This address is not a page: go back and use the buttons."),
    "request.too_large": N_("This is too much at once: send less."),
    "request.malformed": N_("The server could not read this: reload the page and try again."),
    "request.invalid": N_("A field holds something that does not belong there: correct it."),
    "filter.way": N_("Choose a way in from the list."),
    "filter.outcome": N_("Choose an outcome from the list."),
    "filter.since": N_("From: give a day as 2026-11-23."),
    "filter.until": N_("Until: give a day as 2026-11-23."),
    "filter.kind": N_("Choose a kind from the list."),
    "internal": N_("Something went wrong here. Tell the administrator the request's number."),
}
OTHER = {
    "first_call": N_("First call"),
    "nth_call": N_("Call no. {n}"),
    "last_call": N_("last {time}"),
    "history_unread": N_("History could not be read"),
    "withheld": N_("Number withheld"),
    "today": N_("today"),
    "yesterday": N_("yesterday"),
    "minutes": N_("{m} min {s} s"),
    "seconds": N_("{s} s"),
    "without_call": N_("without a call"),
    "ring": N_("Ringing: {way}, {number}"),
    "connected": N_("Connected: {way}, {number}"),
    "ended": N_("The call has ended."),
    "withdrawn": N_("The ringing has stopped."),
    "offline": N_(
        "No connection to the server since {time}. What you type is kept; this screen may be old."
    ),
    "stale": N_(
        "The telephone system has not answered since {time}. "
        "Calls go on at the phones; this screen may be old."
    ),
    "tabs": N_("The desk is open in too many windows: this one no longer follows. Close some."),
    "unknown_fault": N_("The server could not do this. Try again; else call the administrator."),
    "no_network": N_(
        "The server cannot be reached. What you typed is kept: try again in a moment."
    ),
    "draft_kept": N_("Draft kept {time}"),
    "draft_lost": N_("This browser keeps no drafts: save soon"),
    "clear_first": N_("Something is written for this call: save it, or clear the form first."),
    "article": N_("(Why: {article})"),
    "article_of": N_("Art. {n}"),
    "history_empty": N_("No number yet"),
    "history_withheld": N_("No usable number: no history"),
    "history_none": N_("Nothing known of this number"),
    "recording_later": N_("The recording will be here when the call has ended."),
    "no_sound": N_("This recording cannot be played now: it is missing or not yours to hear."),
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "kind": KINDS,
    "status": STATUSES,
    "way": WAYS,
    "outcome": OUTCOMES,
    "state": STATES,
    "offer": OFFERS,
    "transfer": TRANSFERS,
    "transfer_outcome": TRANSFER_OUTCOMES,
    "recording": RECORDINGS,
    "pause": PAUSES,
    "refusal": REFUSALS,
    "say": OTHER,
}

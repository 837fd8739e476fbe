"""What goes wrong between us and an Asterisk, named by what is then known."""


class LinkDown(ConnectionError):  # noqa: N818 - says what is the case
    """The connection to Asterisk is not there; whether an unanswered action was done is unknown."""


class NotSent(LinkDown):
    """There was no connection to send the action on; nothing was done."""


class LoginRefused(LinkDown):
    """Asterisk does not accept the account; trying again is of no use until a setting changes."""


class NoAnswer(TimeoutError):  # noqa: N818
    """Asterisk did not answer an action in time; whether it was done is unknown."""


class Declined(Exception):  # noqa: N818
    """Asterisk answered an action with an error; `message` is its text, nothing was done."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"{action}: {message}")
        self.action = action
        self.message = message

"""The one error for what a person may not do."""


class Refusal(Exception):  # noqa: N818 - the domain's word for it
    """What was asked is refused; nothing has changed.

    Args:
        code: stable identifier, dotted lower case (`ticket.content_missing`), sent as it is.
        message: for the person who asked, names the field and the remedy.
        article: the article it rests on (`Art. 9`), empty where it is our own rule.
        field: the input that has to be changed, empty where none is at fault.
        status: the HTTP status that says the same (400, 401, 403, 404, 409).
    """

    def __init__(
        self, code: str, message: str, *, article: str = "", field: str = "", status: int = 400
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.article = article
        self.field = field
        self.status = status

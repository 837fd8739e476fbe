"""Which action of one AMI connection waits for which answer: responses and lists, by ActionID."""

import asyncio

from telephony.wire import Message

Answer = asyncio.Future[list[Message]]


class Replies:
    """The actions of one connection that are not answered yet.

    An answer is the response and, where it says `EventList: start`, every event of the list up to
    the one that says it is complete. Another event with the ActionID (`OriginateResponse`) is none.
    """

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}
        self._lists: dict[str, list[Message]] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def expect(self, action_id: str) -> Answer:
        """The future of an action about to be sent."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._answers[action_id] = answer
        return answer

    def take(self, message: Message) -> None:
        """Keep what belongs to an unanswered action; whatever else it may be is left alone."""
        if not self._answers:
            return
        action_id = message.action_id
        if action_id is None or action_id not in self._answers:
            return
        if message.is_response:
            self._respond(action_id, message)
        elif action_id in self._lists:
            self._lists[action_id].append(message)
            if (message.get("EventList") or "").lower() in ("complete", "cancelled"):
                self._settle(action_id, self._lists[action_id])

    def forget(self, action_id: str) -> None:
        """Nobody waits for this answer any more."""
        self._answers.pop(action_id, None)
        self._lists.pop(action_id, None)

    def fail(self, error: Exception) -> None:
        """The connection is gone: every waiting action ends with `error`, none is sent again."""
        answers = list(self._answers.values())
        self._answers.clear()
        self._lists.clear()
        for answer in answers:
            if not answer.done():
                answer.set_exception(error)

    def _respond(self, action_id: str, response: Message) -> None:
        if (response.get("EventList") or "").lower() == "start":
            self._lists[action_id] = [response]
        else:
            self._settle(action_id, [response])

    def _settle(self, action_id: str, messages: list[Message]) -> None:
        answer = self._answers[action_id]
        self.forget(action_id)
        if not answer.done():
            answer.set_result(messages)

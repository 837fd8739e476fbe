"""The server's two answers to the dialplan, as a program of its own that a test can freeze.

`python answers.py PORT KEY LOG`: a caller ending in 77 is urgent, `PREFER` callers name a device by
the case they bring; foreign numbers are refused.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


class Answers(BaseHTTPRequestHandler):
    key = ""
    log = Path()

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        said = {name: values[0] for name, values in parse_qs(asked.query).items()}
        with self.log.open("a") as log:
            log.write(f"{self.path} {self.headers.get_all('X-Hotline-Key')}\n")
        known = self.headers.get_all("X-Hotline-Key") == [self.key]
        body = self.answer(asked.path, said).encode() if known else b"who are you"
        self.send_response(200 if known else 403)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @staticmethod
    def answer(path: str, said: dict[str, str]) -> str:
        if path == "/pbx/dial":
            number = said.get("number", "")
            return "deny,number" if number.startswith("00") else f"allow,{number}"
        priority = 8 if said.get("caller", "").endswith("77") else 0
        case = said.get("case", "")
        device = f"PJSIP/{case.removeprefix('PREFER-')}" if case.startswith("PREFER-") else ""
        return f"ok,{priority},{device},0"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # many calls begin at once, and each waits for 0.3 s only


if __name__ == "__main__":
    Answers.key = sys.argv[2]
    Answers.log = Path(sys.argv[3])
    Server(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()

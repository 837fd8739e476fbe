"""`make bench`: print every figure beside its baseline."""

import asyncio
import importlib
import inspect
import sys

PARTS = ("decode", "track", "rows", "history", "pop")


def main() -> None:
    """Run the named parts, or all."""
    for part in sys.argv[1:] or PARTS:
        results = importlib.import_module(f"bench.{part}").run()
        if inspect.iscoroutine(results):
            results = asyncio.run(results)
        for result in results:
            print(result, flush=True)


if __name__ == "__main__":
    main()

"""The server's process: `python -m tools.benchmarks.paged_aws NODES`; it ends when its standard input does."""

from __future__ import annotations

import asyncio
import sys

from tools.benchmarks.paged_aws.server import serve

if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

"""The bundled replay: ten fictional outlets, their feeds and pages, served over real HTTP on 127.0.0.1.

What it is: `site` (the content, with the outcome expected of every URL beside it), `render` (pages and feeds as
bytes), `server` (the loopback server and the resolver that leads to it). What it is not: a part of the pipe. It knows
nothing of stages, tables or Prefect; `storywatch demo` and the tests run the real pipe against it.

All outlets, hosts (.example, RFC 2606) and texts are ours. The events are those of October 2025; no real outlet's
words or name stand in it, and real persons are reported indirectly.
"""

from pathlib import Path

# feeds.toml and the demo's two seeds, made by tools/replay_seeds.py.
REPLAY_SEEDS = Path(__file__).parent / "seeds"

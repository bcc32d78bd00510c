"""flows: where the stages meet the world: the pipe, the Prefect flow around it, the command line and the bundled
replay.

The only package that may import prefect, and only in the modules that run a flow; importing `flows` itself imports
nothing. Imports run one way: flows -> warehouse -> extractors.records, and flows -> extractors.
"""

"""Grading on several machines: the submissions of a class as tasks of a Dask cluster."""

from proctor.cluster.coordinator import Cluster, connected

__all__ = ["Cluster", "connected"]

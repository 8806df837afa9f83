"""One thread for every library, so that two processes use two cores and a comparison of speeds is fair."""

from __future__ import annotations

import os
import sys

XLA = ("--xla_cpu_multi_thread_eigen=false", "intra_op_parallelism_threads=1")


def one_thread() -> None:
    """Pin BLAS and OpenMP, torch and XLA to one thread in this process.

    XLA reads its flags when jax is first used, torch its own when told: call this before jax is imported,
    and again after a framework was loaded. Alternating libraries that each use two threads on two cores
    makes each of them a hundred times slower than alone.
    """
    if "jax" not in sys.modules:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = " ".join([flags, *(f for f in XLA if f not in flags)]).strip()
    import threadpoolctl

    threadpoolctl.threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)

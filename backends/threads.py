"""One thread for every library, so that two processes use two cores and a comparison of speeds is fair."""

from __future__ import annotations

import os
import sys

POOLS = ("PJRT_NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What a library reads that is loaded later. XLA's pool heeds PJRT_NPROC when jax is first used, and neither
``intra_op_parallelism_threads=1`` nor ``--xla_cpu_multi_thread_eigen=false`` in XLA_FLAGS (jaxlib 0.10.2 with both: a
matrix product on four threads). jax also loads a BLAS of its own at its first factorisation, that of SciPy."""


def one_thread() -> None:
    """Pin BLAS and OpenMP, torch and XLA to one thread in this process.

    Call this before jax is first used, and again after a framework was loaded. Alternating libraries that each
    use two threads on two cores makes each of them a hundred times slower than alone.
    """
    os.environ.update(dict.fromkeys(POOLS, "1"))
    import threadpoolctl

    threadpoolctl.threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)

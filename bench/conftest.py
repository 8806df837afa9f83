"""What is timed, whom it is asked of, and the tables at the end."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
import threadpoolctl

from crosscheck.backends import FRAMEWORKS, plugin
from crosscheck.backends.threads import one_thread
from crosscheck.bench import table
from crosscheck.bench.inquiry import Seen
from crosscheck.bench.work import FORM, SIZES, kinds
from crosscheck.reference import catalogue

QUICK = {
    "--benchmark-max-time": "0.02",
    "--benchmark-min-rounds": 3,
    "--benchmark-disable-gc": True,
    "--benchmark-quiet": True,
}
"""Of these options of pytest-benchmark other defaults hold here; quiet, because its tables repeat ours."""
RECORDS = pytest.StashKey[list[table.Record]]()


@pytest.hookimpl(tryfirst=True)  # pytest-benchmark reads its options when it is configured
def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("benchmark"):
        raise pytest.UsageError("bench/ needs pytest-benchmark: pip install 'crosscheck-ml[test]'")
    given = {argument.partition("=")[0] for argument in config.invocation_params.args}
    for option, value in QUICK.items():
        if option not in given:
            setattr(config.option, option[2:].replace("-", "_"), value)
    config.stash[RECORDS] = []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "compiled" not in metafunc.fixturenames:
        return
    params, slow = [], metafunc.config.getoption("--crosscheck-slow")
    for op in catalogue().values():
        for size, kind in ((s, k) for s in SIZES for k in (kinds(op) if op.sized else ())):
            for spec in plugin.specs(metafunc.config):
                witness = plugin.witness(metafunc.config, spec)
                if FORM.name not in witness.dtypes or not (spec in FRAMEWORKS or witness.offers(op)):
                    continue
                name = f"{op.name}-{size}-{kind}-{witness.name}"
                params.append(pytest.param(op.name, size, kind, spec, None, id=name))
                # The slower tier compiles what is usually run eagerly.
                if slow and witness.has("compiled") and not witness.compile_first:
                    params.append(pytest.param(op.name, size, kind, spec, True, id=f"{name}-compiled"))
    metafunc.parametrize(("op", "size", "kind", "witness", "compiled"), params)


@pytest.fixture(scope="session")
def seen() -> Seen:
    """What is known about each call that was made: it foretells the next size."""
    return {}


@pytest.fixture(scope="session")
def records(pytestconfig: pytest.Config) -> list[table.Record]:
    """What the tables are made of."""
    return pytestconfig.stash[RECORDS]


def _conditions() -> dict[str, Any]:
    """What a time depends on besides the machine: versions, and how many threads each library has."""
    one_thread()
    pools = {pool["prefix"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
    versions = {name: sys.modules[name].__version__ for name in ("numpy", "torch", "jax") if name in sys.modules}
    settings = {name: os.environ[name] for name in ("PJRT_NPROC", "XLA_FLAGS") if name in os.environ}
    return {"versions": versions, "threads": pools, "settings": settings}


def pytest_report_header(config: pytest.Config) -> list[str]:
    for spec in plugin.specs(config):
        plugin.witness(config, spec)
    conditions = _conditions()
    versions = ", ".join(f"{name} {version}" for name, version in conditions["versions"].items())
    threads = ", ".join(f"{name} {n}" for name, n in conditions["threads"].items())
    settings = "".join(f"; {name}={value}" for name, value in conditions["settings"].items())
    return [f"crosscheck times {versions}; threads: {threads}{settings}"]


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    machine_info["crosscheck"] = _conditions()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    records = config.stash[RECORDS]
    if not records:
        return
    compiled, overall = table.compilation(records), table.overall(records)
    if compiled:
        terminalreporter.section("crosscheck: compilation")
        terminalreporter.write_line("the first call less a warm one, in none of the times below")
        terminalreporter.write("\n".join(["", *compiled, ""]))
    terminalreporter.section("crosscheck: speed")
    terminalreporter.write_line(
        f"median time of a warm call in {FORM.name} on one thread, inputs in place, outputs waited for; "
        "vjp is the value and the VJP together"
    )
    terminalreporter.write("\n".join(["", *table.speed(records), "", *overall, ""]))

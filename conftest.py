"""Bootstrap: a bare checkout, which nobody has installed, answers to the import name crosscheck too."""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
pytest_plugins = ["crosscheck.backends.plugin"]  # pytest loads it once, even where an installed entry point names it

try:
    found = find_spec("crosscheck.reference")
except ModuleNotFoundError:
    found = None

if found is None:
    spec = ModuleSpec("crosscheck", None, is_package=True)
    spec.submodule_search_locations = [str(ROOT)]
    sys.modules["crosscheck"] = module_from_spec(spec)
elif Path(found.origin or "").resolve().parent.parent != ROOT:
    raise ImportError(
        f"another copy of crosscheck hides this checkout: `import crosscheck.reference` finds {found.origin}, "
        f"and the tests are those of {ROOT}; uninstall crosscheck-ml, or install this checkout with `pip install -e .`"
    )

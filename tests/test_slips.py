"""What people get wrong: every slip is caught, and told to be itself and no other."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from crosscheck.backends.questions import interrogate
from crosscheck.backends.witness import Witness
from crosscheck.reference import Op, Slip, catalogue, known_slips
from crosscheck.reference.agreement.truth import as_tuple
from crosscheck.reference.agreement.verdict import WRONG, Verdict

EVERY = [(op, slip) for op, own in known_slips().items() for slip in own]


def maker(op: Op, slip: Slip) -> Witness:
    """One who makes the slip, and writes everything else as the reference does."""
    own = {op.name: slip.forward or op.forward, f"{op.name}_vjp": slip.vjp or op.vjp}
    return Witness(SimpleNamespace(find=own.get, dtypes=("float64",)), "mine")


def wrong_answers(op: Op, slip: Slip) -> list[Verdict]:
    return [v for v in interrogate(maker(op, slip), op, draws=1) if v.outcome in WRONG]


@pytest.mark.parametrize(("op", "slip"), [pytest.param(o, s, id=f"{o}-{s.name}") for o, s in EVERY])
def test_a_slip_is_caught_and_told_to_be_itself(op, slip):
    wrong = wrong_answers(catalogue()[op], slip)
    assert wrong, "no question finds it"
    hints = [hint for v in wrong if (hint := v.hint()) is not None]
    assert hints, f"nothing is said of it: {wrong[0].message()}"
    assert hints[0].code == f"{op}.{slip.name}", hints[0]
    assert {h.code for h in hints if "." in h.code} == {f"{op}.{slip.name}"}, "told to be another slip"
    assert ("convention" in {v.outcome for v in wrong}) == bool(slip.convention), (
        "what is right elsewhere, and only that"
    )


@pytest.mark.parametrize("op", known_slips())
def test_an_answer_that_is_wrong_otherwise_is_no_slip(op):
    noise = np.random.default_rng(5)

    def disturbed(f):
        def g(*args, **params):
            y = f(*args, **params)
            whole = [v if v is None else v * (1 + 0.1 * noise.normal(size=np.shape(v))) for v in as_tuple(y)]
            return tuple(whole) if isinstance(y, tuple) else whole[0]

        return g

    operation = catalogue()[op]
    own = {op: disturbed(operation.forward), f"{op}_vjp": operation.vjp and disturbed(operation.vjp)}
    witness = Witness(SimpleNamespace(find=own.get, dtypes=("float64",)), "noise")
    hints = [v.hint() for v in interrogate(witness, operation, draws=1) if v.outcome in WRONG]
    assert not [hint for hint in hints if hint is not None and "." in hint.code]


def test_slips_are_of_operations_and_explain_themselves():
    for op, slip in EVERY:
        assert op in catalogue(), op
        assert slip.forward or slip.vjp, f"{op}.{slip.name} is no variant of anything"
        assert slip.name == slip.name.lower() and " " not in slip.name and "." not in slip.name
        assert slip.why[0].isupper() and slip.why.endswith((".", "?")) and len(slip.why) > 40, f"{op}.{slip.name}"


def test_every_operation_with_a_vjp_has_two():
    assert not [o.name for o in catalogue().values() if o.vjp and len(known_slips().get(o.name, ())) < 2]

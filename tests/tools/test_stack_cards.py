"""What a card says of resources that are replaced, by the order of the steps as the engine gives them."""

from __future__ import annotations

import pytest

from infra.models import Step
from infra.previews import Binding, ChangePreview, step_map
from tools.infrastructure.cards import replacements


@pytest.mark.parametrize(
    "ops, said",
    [
        (("delete-replaced", "replace", "create-replacement"), "deleted first and then made anew: expect downtime"),
        (("create-replacement", "replace", "delete-replaced"), "made anew before the old one is deleted"),
        (("create-replacement", "replace", "forget-replaced"), "made anew; the old one stays as it is"),
        (("forget-replaced", "replace", "create-replacement"), "made anew; the old one stays as it is"),
        (("update",), ""),
    ],
)
def test_what_a_replacement_means_is_told_by_which_comes_first(ops: tuple[str, ...], said: str) -> None:
    steps = tuple(Step(op=op, urn="urn:pulumi:dev::shop::acme:net:Gate::front", type="acme:net:Gate") for op in ops)
    binding = Binding(stack="shop", kind="deploy", state="", config="", program="", steps=step_map(steps))
    shown = list(replacements(ChangePreview(stack="shop", steps=steps, binding=binding)))
    assert [line.startswith(f"front (Gate) will be {said}") for line in shown] == [True] * bool(said)

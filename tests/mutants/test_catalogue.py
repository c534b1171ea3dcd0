"""Every mutant still breaks what it says; `make mutants` shows that tests notice."""

import pytest

from tests.mutants.catalogue import MUTANTS, ROOT, Mutant, PatchDoesNotApplyError


def test_each_mutant_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_patch_applies_and_the_test_is_there(mutant: Mutant) -> None:
    assert mutant.mutated() != (ROOT / mutant.path).read_text()
    compile(mutant.mutated(), mutant.path, "exec")
    path, _, name = mutant.test.partition("::")
    assert f"def {name}(" in (ROOT / path).read_text()


def test_a_text_that_is_gone_is_refused_loudly() -> None:
    gone = Mutant("gone", MUTANTS[0].path, "no such text", "", MUTANTS[0].test)
    with pytest.raises(PatchDoesNotApplyError, match="catalogue"):
        gone.mutated()

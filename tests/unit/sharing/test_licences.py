"""Under which licence a model is shared, and when it must not be public."""

import pytest

from vidbench.errors import UserError
from vidbench.sharing.licences import NO_LICENCE, NOT_STATED, decide


@pytest.mark.parametrize(
    ("stated", "first", "name", "obstacle"),
    [
        (None, None, "", NO_LICENCE),
        ("MIT", None, "mit", ""),
        ("unknown", None, "", NO_LICENCE),
        (None, "bsd-3-clause", "bsd-3-clause", ""),
        ("apache-2.0", "bsd-3-clause", "apache-2.0", ""),
        (None, "", "", NOT_STATED),
        (None, "other", "", NOT_STATED),
        ("mit", "", "mit", ""),
        (None, "cc-by-nc-4.0", "cc-by-nc-4.0", ""),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-4.0", "cc-by-nc-sa-4.0", ""),
        ("CC BY-NC 4.0", "cc_by_nc 4.0", "cc-by-nc-4.0", ""),
        ("mit", "CC BY-ND 4.0", "mit", "the licence of its first weights, cc-by-nd-4.0, allows no changed copies"),
        (None, "cc-by-nd-4.0", "cc-by-nd-4.0", "the licence of its first weights, cc-by-nd-4.0, allows no changed"),
        ("mit", "cc-by-nd-4.0", "mit", "the licence of its first weights, cc-by-nd-4.0, allows no changed copies"),
    ],
)
def test_the_licence_is_the_stated_one_or_that_of_the_first_weights(
    stated: str | None, first: str | None, name: str, obstacle: str
) -> None:
    licence = decide(stated, first)
    assert licence.name == name
    assert licence.obstacle.startswith(obstacle)
    assert bool(licence.obstacle) is bool(obstacle)
    assert licence.is_non_commercial is ("-nc" in name)


@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("cc-by-nc-4.0", "cc-by-nc-4.0"),
        ("apple-amlr", "apple-amlr"),
        ("fair-noncommercial-research-license", "fair-noncommercial-research-license"),
        ("CC BY-NC 4.0", "cc-by-nc-4.0"),
        ("cc_by__nc_4.0", "cc-by-nc-4.0"),
        ("Non Commercial", "non-commercial"),
    ],
)
def test_what_forbids_commercial_use_is_not_shared_under_what_allows_it(first: str, name: str) -> None:
    with pytest.raises(UserError, match=f"license: mit allows commercial use, .* not \\({name}\\); state {name}"):
        decide("mit", first)


def test_a_licence_that_the_hub_does_not_know_has_a_name_of_its_own() -> None:
    assert decide("mit", None).metadata == {"license": "mit"}
    assert decide("CC BY 4.0", None).metadata == {"license": "cc-by-4.0"}
    assert decide("Our terms", None).metadata == {"license": "other", "license_name": "our-terms"}
    assert decide(None, None).metadata == {"license": "unknown"}

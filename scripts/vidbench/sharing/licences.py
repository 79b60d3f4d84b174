"""Under which licence a model is shared, and whether it may be public: what its first weights and its owner say."""

import re
from dataclasses import dataclass

from vidbench.errors import UserError
from vidbench.models.model_card import spell_as_on_the_hub

OTHER, UNKNOWN = "other", "unknown"
# Names that the Hub knows; another one is `other` there, with a name of its own.
ON_THE_HUB = """
afl-3.0 agpl-3.0 apache-2.0 apple-amlr apple-ascl artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0
bigscience-openrail-m bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 c-uda cc cc-by-2.0 cc-by-2.5
cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0
cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0
cdla-permissive-2.0 cdla-sharing-1.0 creativeml-openrail-m deepfloyd-if-license ecl-2.0 epl-1.0 epl-2.0 etalab-2.0
eupl-1.1 eupl-1.2 fair-noncommercial-research-license gemma gfdl gpl gpl-2.0 gpl-3.0 h-research intel-research isc
lgpl lgpl-2.1 lgpl-3.0 lgpl-lr llama2 llama3 llama3.1 llama3.2 llama3.3 lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl odc-by
ofl-1.1 openmdw-1.0 openrail openrail++ osl-3.0 pddl postgresql unlicense wtfpl zlib
"""
NON_COMMERCIAL = re.compile(r"\bnc\b|non-?commercial|research|^apple-amlr$")
NO_CHANGES = re.compile(r"\bnd\b|no-?deriv")
NO_LICENCE = "no licence is stated"
NOT_STATED = "the licence of its first weights is not stated"
ADVICE = {  # for each obstacle; others are none that a person can remove
    NO_LICENCE: "name one: `share: {license: NAME}` in the config, --license NAME, or `license:` in the card",
    NOT_STATED: "read their terms, and name one: `share: {license: NAME}` in the config, --license NAME, or `license:`"
    " in the card",
}


@dataclass(frozen=True)
class Licence:
    """The licence of a shared model; '' where none is stated."""

    name: str
    of_first_weights: str | None  # None: they were random; '': not stated

    @property
    def is_non_commercial(self) -> bool:
        """Whether it forbids commercial use, as far as its name tells."""
        return is_non_commercial(self.name)

    @property
    def metadata(self) -> dict[str, str]:
        """The entries of the card's metadata."""
        if not self.name:
            return {"license": UNKNOWN}
        return (
            {"license": self.name} if self.name in ON_THE_HUB.split() else {"license": OTHER, "license_name": self.name}
        )

    @property
    def obstacle(self) -> str:
        """Why the model must not be public; '' where nothing speaks against it."""
        if self.of_first_weights and NO_CHANGES.search(self.of_first_weights):
            return f"the licence of its first weights, {self.of_first_weights}, allows no changed copies"
        if self.name:
            return ""
        return NO_LICENCE if self.of_first_weights is None else NOT_STATED


def decide(stated: str | None, of_first_weights: str | None) -> Licence:
    """Return the licence of a model: the one that its owner states, or else that of its first weights.

    UserError where commercial use is forbidden for these, and the stated licence allows it.
    """
    name = spell_as_on_the_hub(stated or "")
    first = spell_as_on_the_hub(of_first_weights) if of_first_weights is not None else None
    first = "" if first in (OTHER, UNKNOWN) else first
    name = "" if name in (OTHER, UNKNOWN) else name
    if name and first and is_non_commercial(first) and not is_non_commercial(name):
        raise UserError(
            f"license: {name} allows commercial use, but the first weights of this model do not ({first}); state"
            f" {first}, or another licence that forbids it, too"
        )
    return Licence(name or first or "", first)


def is_non_commercial(licence: str) -> bool:
    """Return whether a licence forbids commercial use, as far as its name tells."""
    return bool(NON_COMMERCIAL.search(licence))

"""What came of one case: whether the product and the simulator keep to what the oracle says."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.iam_policy.truth import Truth
from tools.trust.oracle.reading import Reading


@dataclass(frozen=True)
class Trial:
    """One question. Where AWS documents nothing, `says` is None; where the simulator was not asked, `simulated` is."""

    says: Reading
    product: Truth
    simulated: bool | None = None

    @property
    def difference(self) -> str | None:
        """Who says the contrary of the oracle, in words."""
        if self.says is None:
            return None
        word = "allows" if self.says else "denies"
        if self.product is (Truth.NO if self.says else Truth.YES):
            return f"the product says {self.product.value} where the oracle {word}"
        if self.simulated is not None and self.simulated is not self.says:
            return f"the simulator {'allows' if self.simulated else 'denies'} where the oracle {word}"
        return None

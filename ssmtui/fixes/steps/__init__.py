"""Steps by hand: what an API cannot do, or what ssmtui should not do, drafted from the same facts as fixes are."""

"""The documentation site: pages of docs/ and pages made from the code, in both languages; `make site` builds it.

The pages are written for GitHub, too: what only the site has (its order, its dialect of Markdown) is put on here.
"""

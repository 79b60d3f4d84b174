"""A hook of mkdocs.yml: links that lead out of docs/ become links to the repository, or plain text without one."""

import re

OUTWARDS = re.compile(r"(?<!!)\[([^\]]*)\]\(\.\./([^)\s]*)\)")


def on_page_markdown(markdown: str, config, **more: object) -> str:
    """Rewrite `[name](../path)`: on the site there is no such file."""
    address = (config.repo_url or "").rstrip("/")
    return OUTWARDS.sub(rf"[\1]({address}/blob/main/\2)" if address else r"\1", markdown)

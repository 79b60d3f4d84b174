"""The page of a data set of several labels, beside one of a single label: the same templates fill in both."""

import re
from dataclasses import fields

from vidbench.report.label_page import LabelPage
from vidbench.report.rendering import FOLDER

OF_BOTH = ("page", "answer", "contents", "words", "data", "provenance")  # labels: of several labels alone
ONE_LABEL = re.compile(r"{% else %}.*?{% endif %}\n<li><a href=\"#{{ d.name }}-models", re.DOTALL)


def test_it_has_all_that_the_templates_ask_a_data_set_for() -> None:
    texts = [(FOLDER / f"page/{name}.html.j2").read_text(encoding="utf-8") for name in (*OF_BOTH, "labels")]
    assert sum(len(ONE_LABEL.findall(text)) for text in texts) == 1  # the contents of a page of accuracies
    asked = {name for text in texts for name in re.findall(r"\bd\.(\w+)", ONE_LABEL.sub("", text))}
    assert {"answer", "next_steps", "multi"} <= asked
    assert asked <= {field.name for field in fields(LabelPage)}

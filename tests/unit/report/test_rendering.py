"""Where the names in a sentence may break."""

import pytest

from vidbench.report.rendering import breakable_names


@pytest.mark.parametrize(
    ("sentence", "html"),
    [
        ("On x, cnn2d_mean is behind.", 'On x, <span class="whole">cnn2d_mean</span> is behind.'),
        ("r_<b>, 5 %", '<span class="whole">r_&lt;b&gt;,</span> 5\xa0%'),
        ("a_name_of_more_than_20_letters.", "a_<wbr>name_<wbr>of_<wbr>more_<wbr>than_<wbr>20_<wbr>letters."),
        ("plain words", "plain words"),
    ],
)
def test_short_names_are_whole_and_long_ones_break_at_underscores(sentence: str, html: str) -> None:
    assert breakable_names(sentence) == html

"""The figure of what the videos are like."""

from plot_inspection import draw


def test_videos_are_counted_in_whole_numbers() -> None:
    inspection = [
        {"video": f"v{number}", "status": "ok", "duration": f"{1 + number / 10}", "source_fps": str(24 + number % 2),
         "source_width": "64", "source_height": "48"}
        for number in range(5)
    ]  # fmt: skip
    figure = draw({row["video"]: (f"class {row['video']}",) for row in inspection}, inspection)
    durations, rates, sizes, classes = figure.axes
    for axis in (durations.yaxis, rates.xaxis, sizes.xaxis, classes.yaxis):
        assert all(tick == int(tick) for tick in axis.get_majorticklocs())

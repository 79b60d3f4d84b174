"""Times of a video as text."""


def format_time(seconds: float) -> str:
    """Return seconds as 1:02:03.4."""
    tenths = round(10 * seconds)
    hours, rest = divmod(tenths, 36_000)
    minutes, rest = divmod(rest, 600)
    begin = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{begin}:{rest // 10:02}.{rest % 10}"

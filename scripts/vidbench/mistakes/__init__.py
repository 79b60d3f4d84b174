"""How hard videos are: how long, and how much moves in them."""

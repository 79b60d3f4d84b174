"""VidBench's library: what the step scripts in scripts/ share. Imports nothing by itself."""

"""From video files to frame stores: ffmpeg, the times of frames, decoding, HDF5. Imports no torch."""

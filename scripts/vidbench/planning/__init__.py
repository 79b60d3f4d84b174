"""Jobs, hours and disk of a run before it is started, estimated from speeds measured on this machine."""

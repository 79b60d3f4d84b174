"""What a run will take, before it is started: jobs, hours and disk, from speeds measured on this machine."""

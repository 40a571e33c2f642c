"""The workstation: composes probe, imaging and records; verbs, threads, command line."""

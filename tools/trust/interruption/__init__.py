"""Interruptions of processes, disks, networks and terminals."""

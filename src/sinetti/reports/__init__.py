"""What operators' tools fetch: the alerts of a time window, and reports. Asked for here, made by a worker."""

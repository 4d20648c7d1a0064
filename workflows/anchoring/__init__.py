"""What vouches for the log from outside: a root over all heads of chains, signed with a key kept apart."""

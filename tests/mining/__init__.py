"""What a standard process-mining tool says of our logs. It runs in an environment of its own."""

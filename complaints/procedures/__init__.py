"""The procedures as people read them: versions, a picture with live counts, differences, a move rehearsed."""

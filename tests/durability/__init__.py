"""What must not be lost: killed servers, cut power, failing and full disks, connections cut at the commit."""

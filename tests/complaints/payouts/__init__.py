"""Tests of the payout desk."""

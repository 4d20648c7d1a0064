"""Tests of leads and cases."""

"""Tests of the page of one matter."""

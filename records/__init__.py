"""Exam to report to district: journal, store, blobs, vault, reports. Knows neither probe nor imaging."""

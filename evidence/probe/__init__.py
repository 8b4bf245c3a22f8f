"""The probe, put to servers that are none of ours."""

"""Export of clients to CSV and XLSX: who and what, one snapshot, a file with an end."""

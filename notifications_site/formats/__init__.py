"""How times are written: sortable, to the second, the same in both languages."""

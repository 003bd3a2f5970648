"""What is decided about alerts and their cases: transitions, deadlines, guidance, who hears and who sees."""

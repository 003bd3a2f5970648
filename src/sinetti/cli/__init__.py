"""The command `sinetti`. A module has one command or a group of them; what they do is in the other parts."""

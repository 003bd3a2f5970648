"""What people see and change of themselves: name, language, password, sessions."""

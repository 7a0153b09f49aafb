"""Reading a student's folder as data: regular files only, nothing of it run, linked or trusted."""

"""The process that runs what the instructor wrote and passes the verdict."""

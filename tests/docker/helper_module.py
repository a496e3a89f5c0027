# Imported by tasks.py, at the top and inside a task: containers have only what the program carries.
SCALE = 10


def scaled(x):
    return x * SCALE

"""What is said about a trace, and the media it is said in.

Offline. summary.py decides what a person is told, terminal.py and html.py draw it; document.py is the same for
programs.
Here, and nowhere else, times are milliseconds.
"""

"""An agent that each interpreter starts."""

import slow_agent  # noqa: F401 # HERE

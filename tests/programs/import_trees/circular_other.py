import circular

"""The verbs of the workstation, one module per noun."""

"""The application: screens, widgets, colours. A client of the verbs in ``clinic.workstation``, never more."""

"""Motion from an ensemble of pulses: wall filters, colour and power Doppler, the spectrum of a gate."""

"""The bring-up of a lab on the simulated cluster."""

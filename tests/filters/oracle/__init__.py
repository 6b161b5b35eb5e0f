"""A naive evaluator of filters, written from the contract alone; it shares no code with the engine."""

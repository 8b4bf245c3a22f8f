"""SASL mechanisms, one module each; a mechanism is a generator, see `minipop.protocol.policy.Mechanism`."""

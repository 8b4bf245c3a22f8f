"""minipop beside other servers, and what contributors and classes wait for."""

"""One function per act of a user: who may, once only, under locks, with its events, in a transaction of its own."""

"""One function per act of a user: who may, once only, under locks, with its events. Every act opens its own transaction."""

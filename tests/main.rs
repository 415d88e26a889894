//! Behaviour, told from outside.

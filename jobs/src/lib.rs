//! The hands: effects performed by workers, timers, mail.

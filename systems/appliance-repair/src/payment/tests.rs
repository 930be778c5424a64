//! Rules, by example.

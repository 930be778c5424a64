//! The runtime over its ports: one thread, virtual time, a store in memory.

mod commands;
mod deliveries;
mod failing;
mod new_view;
mod shop;

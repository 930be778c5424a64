//! The runtime over its ports: one thread, virtual time, a store in memory.

mod commands;
mod deliveries;
mod doubt;
mod failing;
mod letters;
mod new_view;
mod operators;
mod rebuild;
mod replicas;
mod shop;

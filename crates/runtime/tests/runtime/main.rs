//! The runtime over its ports: one thread, virtual time, a store in memory.

mod bad_input;
mod commands;
mod deliveries;
mod doubt;
mod failing;
mod letters;
mod new_view;
mod operators;
mod rebuild;
mod rebuild_cut_short;
mod replicas;
mod shop;
mod stored;

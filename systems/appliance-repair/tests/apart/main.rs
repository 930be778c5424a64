//! The journeys of a customer, with a process for each context; and that this
//! makes no difference.

mod both;
mod rebuilt;
#[path = "../story/mod.rs"]
mod story;

use rehearsal::Apart as Centre;

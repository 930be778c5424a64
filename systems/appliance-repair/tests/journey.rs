//! The journeys of a customer, with all contexts in one process.

mod story;

use rehearsal::Rehearsal as Centre;

//! An obstacle course: a business that makes no sense, and leans on everything
//! that the repair centre hardly touches. Many deliveries of one case fail one
//! by one, policies ask questions, and what is delayed fails too.

mod bank;
mod counter;
mod press;
mod teller;
mod trap;
mod wall;

use std::cell::Cell;

use kernel::{Id, Role, Sentence, System};

/// Something that is counted.
pub enum Count {}
/// Which one.
pub type CountId = Id<Count>;

thread_local! {
    /// Whether the code of the trap panics now, as if it had a fault.
    pub static POISONED: Cell<bool> = const { Cell::new(false) };
}

const CLERK: Role = Role::new("clerk", "근무자");

/// The course.
#[must_use]
pub fn system() -> System {
    System {
        name: "course",
        folder: "course",
        title: Sentence::new("장애물 코스", "Obstacle course"),
        contexts: vec![
            counter::context(),
            bank::context(),
            teller::context(),
            press::context(),
            trap::context(),
            wall::context(),
        ],
    }
}

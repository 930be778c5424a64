//! What every store promises, as functions of a store that is empty.

mod answers;
mod commits;
mod deliveries;
mod journal;
pub mod lasting;
mod progress;
mod rows;
pub mod shop;
mod things;

use runtime::store::Store;

/// A promise: its name, and how it is put to the test.
pub type Promise = (&'static str, fn(&dyn Store));

/// All promises. Each is put to the test on a store of its own, made for
/// [`shop::layout`].
pub fn promises() -> Vec<Promise> {
    let all = [
        answers::PROMISES,
        commits::PROMISES,
        deliveries::PROMISES,
        journal::PROMISES,
        progress::PROMISES,
        rows::PROMISES,
        things::PROMISES,
    ];
    all.concat()
}

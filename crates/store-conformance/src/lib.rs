//! What every store promises, as tests that any store is run through.
//!
//! A store says where one can be kept and how it is opened there; [`check`]
//! does the rest. What must be found again when it is opened a second time is
//! in [`check_lasting`], what holds between several that are open at once in
//! [`check_shared`], and what a caller is told while the database is out of
//! reach in [`check_outage`].

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a promise that is not kept is a panic"
)]

mod acts;
mod answers;
mod commits;
mod deliveries;
mod journal;
mod lasting;
mod outage;
mod progress;
mod rows;
mod shadows;
mod shared;
pub mod shop;
mod things;
mod threads;
mod turns;
mod views;

use std::sync::Arc;

use runtime::store::{Layout, Store};

pub use lasting::{check as find_again, write as write_a_bit_of_everything};
pub use outage::{Outage, check_outage};

/// A promise: its name, and how it is put to the test on an empty store made
/// for [`shop::layout`].
pub type Promise = (&'static str, fn(&dyn Store));

/// A promise about a store that is opened again, or by two at a time, in one
/// place that is empty at first.
pub type PromiseOfPlace = (&'static str, fn(Open<'_>));

/// Opens a store in that place, for this layout.
pub type Open<'a> = &'a (dyn Fn(Layout) -> Arc<dyn Store> + Sync);

/// All promises of any store.
#[must_use]
pub fn promises() -> Vec<Promise> {
    let all = [
        acts::PROMISES,
        answers::PROMISES,
        commits::PROMISES,
        deliveries::PROMISES,
        journal::PROMISES,
        progress::PROMISES,
        rows::PROMISES,
        shadows::PROMISES,
        things::PROMISES,
        threads::PROMISES,
        turns::PROMISES,
    ];
    all.concat()
}

/// Puts every promise to the test, each in a place of its own.
pub fn check<P>(place: impl Fn() -> P, open: impl Fn(&P, Layout) -> Arc<dyn Store>) {
    for (name, promise) in promises() {
        println!("{name}");
        let place = place();
        promise(&*open(&place, shop::layout()));
    }
}

/// The same for what a store keeps when it is closed and opened again.
pub fn check_lasting<P: Sync>(
    place: impl Fn() -> P,
    open: impl Fn(&P, Layout) -> Arc<dyn Store> + Sync,
) {
    let all = [lasting::PROMISES, views::PROMISES, shadows::LASTING];
    check_places(&all.concat(), place, open);
}

/// The same for stores that several processes have open at the same time.
pub fn check_shared<P: Sync>(
    place: impl Fn() -> P,
    open: impl Fn(&P, Layout) -> Arc<dyn Store> + Sync,
) {
    check_places(shared::PROMISES, place, open);
}

fn check_places<P: Sync>(
    promises: &[PromiseOfPlace],
    place: impl Fn() -> P,
    open: impl Fn(&P, Layout) -> Arc<dyn Store> + Sync,
) {
    for (name, promise) in promises {
        println!("{name}");
        let place = place();
        promise(&|layout| open(&place, layout));
    }
}

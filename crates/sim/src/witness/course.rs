//! The turns that a request can take, to see that each is taken.

use kernel::Event;

use super::{Taken, Witness};

impl Witness {
    /// Remarks by which turn a request has come to where it is.
    pub(super) fn courses(&self, event: &Event, taken: &mut Taken) {
        let before = |name: &str| {
            let own = |it: &&Event| it.of == event.of && it.name == name;
            self.journals[event.context].iter().any(|it| own(&it))
        };
        let turn = match event.name {
            "AsCanceled" if before("AsAccepted") => "canceled after it was accepted",
            "AsCanceled" if before("CancelNoted") => "canceled while an acceptance was waiting",
            "AsCanceled" if before("JobOpened") => "canceled before anybody accepted",
            "AsCanceled" => "canceled before it was known",
            "JobPaid" if before("BecameReceivable") => "paid after it was given up",
            "JobPaid" => "paid in time",
            "BecameReceivable" => "given up before it was paid",
            _ => return,
        };
        taken.remarkable.push(turn);
    }
}

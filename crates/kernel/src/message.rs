//! What crosses a boundary, and what it does to a state.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Envelope, Identity, Json, Note, Recorded};

/// Anything that has a name and crosses a boundary: an event, a command, a
/// question, a wish, a row that is shown.
pub trait Message: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// What it is about.
    type Of: Identity;

    /// What is written on its note. Derived; changing the name is a migration.
    const NOTE: Note;

    /// Fills in what only the runtime can know: who acts, the time, chance.
    fn give(&mut self, envelope: &Envelope);

    /// Turns the body of an older version into today's; `None` when that
    /// version was never written.
    #[must_use]
    fn upcast(_version: u32, _body: Json) -> Option<Json> {
        None
    }
}

/// State that is nothing but its history: an aggregate, or a row of a view.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot replay `{E}`",
    label = "`impl Evolve<{E}> for {Self}` is missing",
    note = "whatever an aggregate decides or a view shows, it must be able to evolve by"
)]
pub trait Evolve<E: Message> {
    /// What happened, happened: evolving never fails.
    fn evolve(&mut self, event: &Recorded<E>);
}

/// What a decision must know and history does not say: asked of another context.
///
/// A question is data. The runtime puts it before the decision, waits, and
/// gives up in time; the domain neither blocks nor fails, and a test simply
/// hands over the answer.
pub trait Question: Message {
    /// What comes back.
    type Answer: Serialize + DeserializeOwned + Send + 'static;
    /// The context that is asked.
    const OF: &'static str;
}

/// What is wanted of the world outside: a charge, a message to a phone.
///
/// The runtime keeps trying, always under the same key, until it knows that it
/// is done. Not knowing is not an answer.
pub trait Wish: Message {
    /// What the outside says when it is done, for better or worse.
    type Answer: Serialize + DeserializeOwned + Send + 'static;
    /// The outside system.
    const TO: &'static str;
}

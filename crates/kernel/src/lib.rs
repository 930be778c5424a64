//! The words every context is written in.
//!
//! A sticky note is a type; an arrow is the signature of a function; a context
//! is a list of functions. The runtime runs that list, the edge serves it and
//! [`Board`] draws it, so there is no second model to keep true.

#![warn(missing_docs)]

mod access;
mod board;
mod context;
mod envelope;
mod event;
mod identity;
mod message;
pub mod moment;
mod note;
mod outcome;
mod refuse;
pub mod spec;
mod words;

pub use access::Role;
pub use board::Board;
pub use context::{
    Aggregate, Answering, Asking, Command, Context, Effect, Guarded, Index, Indexed, Lookup,
    Policy, Projection, Rule, Settles, State, Subscription, System, Verb, View,
};
pub use envelope::{Actor, Case, Cause, Envelope, Given, Time, Token};
pub use event::{Event, Record, Recorded, Subject, To};
pub use identity::{Counted, Id, Identity, Key};
pub use kernel_derive::Message;
pub use message::{Evolve, Message, Question, Wish};
pub use note::{Field, Note, Shape};
pub use outcome::{Decided, Either, Outcome, Undecided};
pub use refuse::{Refuse, Sentence, Tongue, Unreadable};
/// A body whose shape is not known yet: only older versions of a message are read this way.
pub use serde_json::Value as Json;
pub use words::{Text, Whole, Word};

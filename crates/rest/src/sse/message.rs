//! One message of a stream.

use std::fmt::Write;

/// One message of a stream.
pub struct Message<'a> {
    /// What a listener comes back with.
    pub id: &'a str,
    /// What it is called.
    pub event: &'a str,
    /// What it says, on one line.
    pub data: &'a str,
}

impl Message<'_> {
    /// As it goes over the wire.
    pub fn write(&self, into: &mut String) {
        let Self { id, event, data } = self;
        // Writing to a string cannot fail.
        let _ = write!(into, "id: {id}\nevent: {event}\ndata: {data}\n\n");
    }

    /// Nothing but the id, and after how long a listener should come back.
    pub fn beginning(id: &str) -> String {
        format!("retry: 2000\nid: {id}\n\n")
    }

    /// Says nothing; only that somebody is still there.
    pub fn nothing() -> String {
        ":\n\n".to_owned()
    }
}

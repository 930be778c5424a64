//! The state of an aggregate as it is stored; or, when that cannot be read any
//! more, as its history has it.

use kernel::{Guarded, State};

use crate::{
    Failure,
    guarded::guarded,
    store::{Store, Thing},
};

/// The state of an aggregate, up to the version in which it was stored.
///
/// # Errors
///
/// When neither its state nor its history can be read.
pub fn state_of(
    store: &dyn Store,
    context: &'static str,
    kind: &Guarded,
    thing: &Thing,
) -> Result<State, Failure> {
    let why = match guarded(kind.name, || kind.read(&thing.state)) {
        Ok(Ok(state)) => return Ok(state),
        Ok(Err(unreadable)) => Failure::from(unreadable),
        Err(panicked) => panicked,
    };
    let (name, number) = (kind.name, thing.number);
    tracing::warn!(context, kind = name, number, why = why.story(), "a state made anew of events");
    let mut state = kind.fresh();
    let mut version = 0;
    for event in store.history(context, name, number)? {
        if event.version > thing.version {
            break; // it has happened since
        }
        guarded(name, || kind.apply(&mut state, &event))??;
        version = event.version;
    }
    if version == thing.version {
        return Ok(state);
    }
    let stored = thing.version;
    Err(Failure::fault(format!("{name} {number} has {version} events, and should have {stored}")))
}

//! Declaring what a context shows.

use serde::{Serialize, de::DeserializeOwned};

use super::{Context, State};
use crate::{Counted, Event, Evolve, Message, Note, Recorded, Unreadable, outcome::Replay};

/// A read model: one row for each, and each row nothing but its history.
pub struct View<V> {
    name: &'static str,
    shown: Vec<Shown<V>>,
    indexes: Vec<Index>,
    lookups: Vec<Lookup>,
    door: Option<&'static str>,
}

struct Shown<V> {
    replay: Replay<V>,
    key: Box<KeyOf>,
}

/// A view with its type forgotten.
pub struct Projection {
    /// Its name, which is its path.
    pub name: &'static str,
    /// The note of a row.
    pub row: &'static Note,
    /// What it can be listed, filtered and sorted by.
    pub indexes: Vec<Index>,
    /// Other ways to find a row.
    pub lookups: Vec<Lookup>,
    /// The field with the token that opens a row to a stranger; never shown.
    pub door: Option<&'static str>,
    shown: Vec<(&'static Note, Box<KeyOf>, Box<Apply>)>,
    read: fn(&'static str, &[u8]) -> Result<State, Unreadable>,
    write: fn(&'static str, &State) -> Result<Vec<u8>, Unreadable>,
    fresh: fn() -> State,
}

/// A field by which rows are listed.
pub struct Index {
    /// Its name on the wire.
    pub field: &'static str,
    get: Box<dyn Fn(&State) -> Indexed + Send + Sync>,
}

/// What stands in an indexed field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indexed {
    /// Nothing yet.
    Nothing,
    /// A number, a moment in milliseconds.
    Whole(i64),
    /// A text.
    Text(String),
}

/// Another way to find one row: `/things/search/{name}?{field}=` or `/things/{name}/{field}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookup {
    /// What it is called.
    pub name: &'static str,
    /// The indexed field.
    pub field: &'static str,
    /// True when it is part of the path, false when it is a search.
    pub in_path: bool,
}

type KeyOf = dyn Fn(&Event) -> Result<u64, Unreadable> + Send + Sync;
type Apply = dyn Fn(&mut State, &Event) -> Result<(), Unreadable> + Send + Sync;

impl<V: Message> View<V> {
    /// A view says its name first.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self { name, shown: Vec::new(), indexes: Vec::new(), lookups: Vec::new(), door: None }
    }

    /// An event of the same thing the row is about, of this context or of another.
    #[must_use]
    pub fn shows<E: Message<Of = V::Of>>(mut self) -> Self
    where
        V: Evolve<E>,
    {
        let key = Box::new(|event: &Event| Ok(event.of.number));
        self.shown.push(Shown { replay: Replay::of::<E>(), key });
        self
    }

    /// An event of something else that names the row it belongs to.
    #[must_use]
    pub fn shows_by<E: Message>(mut self, which: fn(&Recorded<E>) -> V::Of) -> Self
    where
        V: Evolve<E>,
        V::Of: Counted,
    {
        let key = Box::new(move |event: &Event| Ok(which(&event.recorded()?).number()));
        self.shown.push(Shown { replay: Replay::of::<E>(), key });
        self
    }

    /// Rows can be listed, filtered and sorted by this field.
    #[must_use]
    pub fn indexed(mut self, field: &'static str, get: fn(&V) -> Indexed) -> Self {
        self.indexes.push(Index { field, get: Box::new(move |row| get(row.get())) });
        self
    }

    /// One row can be searched by an indexed field: `/things/search/{name}?{field}=`.
    #[must_use]
    pub fn searched(mut self, name: &'static str, field: &'static str) -> Self {
        self.lookups.push(Lookup { name, field, in_path: false });
        self
    }

    /// One row can be found by an indexed field in the path: `/things/{name}/{field}`.
    #[must_use]
    pub fn found(mut self, name: &'static str, field: &'static str) -> Self {
        self.lookups.push(Lookup { name, field, in_path: true });
        self
    }

    /// A stranger may open one row who knows the token in this field:
    /// `/things/{id}?token=`. The field itself is never shown.
    #[must_use]
    pub fn opened_by(mut self, field: &'static str) -> Self {
        self.door = Some(field);
        self
    }
}

impl Projection {
    /// The events it shows.
    #[must_use]
    pub fn events(&self) -> Vec<&'static Note> {
        self.shown.iter().map(|(event, ..)| *event).collect()
    }

    /// Whether it shows this event.
    #[must_use]
    pub fn shows(&self, event: &str) -> bool {
        self.shown.iter().any(|(it, ..)| it.name == event)
    }

    /// Whether all it shows is decided by this context, so that its rows can be
    /// written in the same commit.
    #[must_use]
    pub fn is_own(&self, context: &Context) -> bool {
        self.shown.iter().all(|(event, ..)| context.decides(event.name))
    }

    /// The row an event belongs to; nothing when the view does not show it.
    ///
    /// # Errors
    ///
    /// When the event cannot be read.
    pub fn key(&self, event: &Event) -> Result<Option<u64>, Unreadable> {
        self.shown
            .iter()
            .find(|(it, ..)| it.name == event.name)
            .map(|(_, key, _)| key(event))
            .transpose()
    }

    /// Lets one event happen to its row.
    ///
    /// # Errors
    ///
    /// When the event cannot be read, or is not shown here.
    pub fn apply(&self, row: &mut State, event: &Event) -> Result<(), Unreadable> {
        match self.shown.iter().find(|(it, ..)| it.name == event.name) {
            Some((_, _, apply)) => apply(row, event),
            None => Err(Unreadable::new(self.name, format!("does not show {}", event.name))),
        }
    }

    /// An empty row.
    #[must_use]
    pub fn fresh(&self) -> State {
        (self.fresh)()
    }

    /// A row as it was stored.
    ///
    /// # Errors
    ///
    /// When it does not have the shape a row has today.
    pub fn read(&self, stored: &[u8]) -> Result<State, Unreadable> {
        (self.read)(self.name, stored)
    }

    /// A row as it is stored: a JSON object.
    ///
    /// # Errors
    ///
    /// When serde cannot write it: our mistake.
    pub fn write(&self, row: &State) -> Result<Vec<u8>, Unreadable> {
        (self.write)(self.name, row)
    }

    /// What stands in the indexed fields, in the order of the indexes.
    #[must_use]
    pub fn indexed(&self, row: &State) -> Vec<Indexed> {
        self.indexes.iter().map(|index| (index.get)(row)).collect()
    }
}

impl<V> From<View<V>> for Projection
where
    V: Message + Default + Serialize + DeserializeOwned,
{
    fn from(view: View<V>) -> Self {
        let View { name, shown, indexes, lookups, door } = view;
        let erase = |Shown { replay, key }: Shown<V>| {
            let apply: Box<Apply> =
                Box::new(move |row, event| (replay.apply)(row.get_mut::<V>(), event));
            (replay.event, key, apply)
        };
        Self {
            name,
            row: &V::NOTE,
            indexes,
            lookups,
            door,
            shown: shown.into_iter().map(erase).collect(),
            read: |name, stored| match serde_json::from_slice::<V>(stored) {
                Ok(row) => Ok(State::of(row)),
                Err(error) => Err(Unreadable::new(name, error)),
            },
            write: |name, row| {
                serde_json::to_vec(row.get::<V>()).map_err(|it| Unreadable::new(name, it))
            },
            fresh: || State::of(V::default()),
        }
    }
}

impl From<&str> for Indexed {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Indexed {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl<T: Into<Indexed>> From<Option<T>> for Indexed {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

//! An event from its attributes.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{Actor, Case, Cause, Event, Guarded, Record, Subject, System, Time, moment};
use runtime::store::Layout;

use crate::{Flaw, JSON, SPEC};

/// The names of one system: whatever comes in must be one of them.
pub struct Names {
    system: &'static str,
    known: Layout,
    /// The newest version of every event.
    versions: BTreeMap<&'static str, u32>,
}

impl Names {
    /// All names of a system.
    #[must_use]
    pub fn of(system: &System) -> Self {
        let aggregates = system.contexts.iter().flat_map(|it| &it.aggregates);
        let events = aggregates.flat_map(Guarded::events);
        Self {
            system: system.name,
            known: Layout::of(system, &[]),
            versions: events.map(|event| (event.name, event.version)).collect(),
        }
    }

    fn known(&self, text: &str) -> Result<&'static str, Flaw> {
        self.known.known(text).ok_or_else(|| Flaw::Unknown(text.to_owned()))
    }

    /// `request/17`
    fn numbered(&self, attribute: &'static str, text: &str) -> Result<(&'static str, u64), Flaw> {
        let wrong = || wrong(attribute, text, "a name and a number, as in request/17");
        let (name, number) = text.rsplit_once('/').ok_or_else(wrong)?;
        Ok((self.known(name)?, number.parse().map_err(|_| wrong())?))
    }
}

/// An event from its attributes and its body.
///
/// # Errors
///
/// What is wrong with it. The body itself is read by whoever the event is for.
pub fn read<'a>(
    names: &Names,
    attribute: impl Fn(&'static str) -> Option<&'a str>,
    body: Arc<[u8]>,
) -> Result<Event, Flaw> {
    let must = |name| attribute(name).ok_or(Flaw::Missing(name));
    same("specversion", must("specversion")?, SPEC)?;
    same("datacontenttype", must("datacontenttype")?, JSON)?;
    let source = must("source")?;
    let context = source.strip_prefix('/').and_then(|it| it.strip_prefix(names.system));
    let context = context.and_then(|it| it.strip_prefix('/'));
    let context = context.ok_or_else(|| wrong("source", source, "a context of this system"))?;
    let name = names.known(must("type")?)?;
    let known = *names.versions.get(name).ok_or_else(|| Flaw::Unknown(name.to_owned()))?;
    let version = number("schemaversion", must("schemaversion")?)?;
    let version = u32::try_from(version).unwrap_or(u32::MAX);
    if version > known {
        return Err(Flaw::Newer { name, version, known });
    }
    let (kind, of) = names.numbered("subject", must("subject")?)?;
    let (case_kind, case) = names.numbered("partitionkey", must("partitionkey")?)?;
    let time = must("time")?;
    let at =
        moment::parse(time).ok_or_else(|| wrong("time", time, "a moment as RFC 3339 has it"))?;
    let because = attribute("cause").map(|text| names.numbered("cause", text)).transpose()?;
    let record = Record {
        context: names.known(context)?,
        position: number("id", must("id")?)?,
        of: Subject { kind, number: of, name: attribute("name").map(Arc::from) },
        version: number("version", must("version")?)?,
        at: Time(at),
        by: Actor { name: must("actor")?.into(), role: must("role")?.into() },
        case: Case { kind: case_kind, number: case },
        cause: Cause { command: names.known(must("command")?)?, event: because },
        trace: attribute("traceparent").map(Arc::from),
    };
    Ok(Event::stored(name, version, body, record))
}

fn number(attribute: &'static str, text: &str) -> Result<u64, Flaw> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| wrong(attribute, text, "a whole number from 1"))
}

fn same(attribute: &'static str, value: &str, expected: &'static str) -> Result<(), Flaw> {
    (value == expected).then_some(()).ok_or_else(|| wrong(attribute, value, expected))
}

fn wrong(attribute: &'static str, value: &str, expected: &'static str) -> Flaw {
    Flaw::Wrong { attribute, value: value.to_owned(), expected }
}

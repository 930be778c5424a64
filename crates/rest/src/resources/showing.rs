//! One row, with what can be done next.

use kernel::{Projection, Verb};
use runtime::Failure;

use crate::{call::Caller, front::Front, links::Links, percent, rows::Members, table::Resource};

/// Shows the rows of one resource to one caller.
#[derive(Clone, Copy)]
pub struct Showing<'a> {
    pub front: &'a Front,
    pub caller: &'a Caller,
    pub resource: Resource,
}

impl Showing<'_> {
    /// Where the resource is.
    pub fn href(&self) -> String {
        format!("{}/{}", self.caller.base, self.resource.path)
    }

    /// A row as a resource.
    ///
    /// # Errors
    ///
    /// When what is stored cannot be read.
    pub fn row(&self, number: u64, stored: &[u8]) -> Result<String, Failure> {
        self.resource(number, stored, self.links(number)?)
    }

    /// A row as the answer to the command that began it: whoever asked gets the keys.
    ///
    /// # Errors
    ///
    /// As [`Showing::row`].
    pub fn begun(&self, number: u64, stored: &[u8]) -> Result<String, Failure> {
        let mut links = self.links(number)?;
        let members = Members::of(stored).map_err(|it| Failure::fault(format!("a row: {it}")))?;
        for (view, door) in self.doors() {
            if let Some(token) = members.text(door) {
                let (base, token) = (&self.caller.base, percent::encode(&token));
                let href = format!("{base}/{}/{number}?token={token}", view.name);
                links.add(view.name, &href, &[("title", view.row.doc)]);
            }
        }
        self.resource(number, stored, links)
    }

    fn resource(&self, number: u64, stored: &[u8], links: Links) -> Result<String, Failure> {
        let mut row = format!("{{\"id\":{number}");
        if let Some(plan) = self.front.plan(self.resource.path) {
            let view = self.resource.path;
            let bad = |why: Failure| Failure::BadRow { view, number, why: why.story() };
            plan.write(stored, &mut row).map_err(bad)?;
        }
        row.push(',');
        row.push_str(&links.member());
        row.push('}');
        Ok(row)
    }

    /// To itself, to the list, and to what would be taken now from this caller.
    fn links(&self, number: u64) -> Result<Links, Failure> {
        let (list, system) = (self.href(), self.front.system());
        let mut links = Links::to_self(&format!("{list}/{number}"));
        links.add(self.resource.path, &list, &[]);
        let Some(guarded) = self.resource.aggregate(system) else { return Ok(links) };
        let context = self.resource.context(system).name;
        let takes = match self.front.rest.runtime.takes(context, guarded.name, number) {
            Err(Failure::Unknown { .. }) => Vec::new(),
            takes => takes?,
        };
        for (_, rule) in self.resource.rules(system) {
            if let Some(Verb::Put(verb)) = rule.verb
                && self.caller.who.may(rule)
                && takes.contains(&rule.command.name)
            {
                let more = [("title", rule.command.doc), ("method", "PUT")];
                links.add(verb, &format!("{list}/{number}/{verb}"), &more);
            }
        }
        Ok(links)
    }

    /// The other views served here that are opened by a field of the same kind.
    fn doors(&self) -> impl Iterator<Item = (&Projection, &'static str)> {
        let system = self.front.system();
        let own = self.resource.view(system).map(|view| view.row.fields).unwrap_or_default();
        let contexts = system.contexts.iter();
        let served = contexts.filter(|it| self.front.only.is_none_or(|only| only == it.name));
        served.flat_map(|it| &it.views).filter_map(|view| {
            let door = view.door.filter(|_| view.name != self.resource.path)?;
            let theirs = view.row.fields.iter().find(|it| it.name == door)?;
            own.iter().find(|it| it.name == door && it.kind == theirs.kind)?;
            Some((view, door))
        })
    }
}

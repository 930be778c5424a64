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

    /// A row as a resource, when it is known what would be taken now.
    ///
    /// # Errors
    ///
    /// As [`Showing::row`].
    pub fn row_that(
        &self,
        (number, stored): (u64, &[u8]),
        takes: &[&str],
    ) -> Result<String, Failure> {
        self.resource(number, stored, self.links_with(number, takes))
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
        let mut row = String::with_capacity(stored.len() + links.len() + 64);
        row.push_str("{\"id\":");
        row.push_str(&number.to_string());
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

    fn links(&self, number: u64) -> Result<Links, Failure> {
        let takes = self.takes(&[number])?;
        Ok(self.links_with(number, takes.first().map(Vec::as_slice).unwrap_or_default()))
    }

    /// What each of these would take now.
    ///
    /// # Errors
    ///
    /// When their states cannot be read.
    pub fn takes(&self, numbers: &[u64]) -> Result<Vec<Vec<&'static str>>, Failure> {
        let system = self.front.system();
        let Some(guarded) = self.resource.aggregate(system) else {
            return Ok(vec![Vec::new(); numbers.len()]);
        };
        let context = self.resource.context(system).name;
        self.front.rest.runtime.takes(context, guarded.name, numbers)
    }

    /// To itself, to the list, and to what would be taken now from this caller.
    fn links_with(&self, number: u64, takes: &[&str]) -> Links {
        let (list, system) = (self.href(), self.front.system());
        let mut links = Links::to_self(&format!("{list}/{number}"));
        links.add(self.resource.path, &list, &[]);
        for (_, rule) in self.resource.rules(system) {
            if let Some(Verb::Put(verb)) = rule.verb
                && self.caller.who.may(rule)
                && takes.contains(&rule.command.name)
            {
                let more = [("title", rule.command.doc), ("method", "PUT")];
                links.add(verb, &format!("{list}/{number}/{verb}"), &more);
            }
        }
        links
    }

    /// The other views, also of other processes, that are opened by a field of the same kind.
    fn doors(&self) -> impl Iterator<Item = (&Projection, &'static str)> {
        let system = self.front.system();
        let own = self.resource.view(system).map(|view| view.row.fields).unwrap_or_default();
        let elsewhere = self.front.rest.runtime.away().contexts.iter();
        let contexts = system.contexts.iter().chain(elsewhere);
        let served = contexts.filter(|it| self.front.only.is_none_or(|only| only == it.name));
        served.flat_map(|it| &it.views).filter_map(|view| {
            let door = view.door.filter(|_| view.name != self.resource.path)?;
            let theirs = view.row.fields.iter().find(|it| it.name == door)?;
            own.iter().find(|it| it.name == door && it.kind == theirs.kind)?;
            Some((view, door))
        })
    }
}

//! Which context an address belongs to, as the declarations have it.

use std::{collections::BTreeMap, sync::Arc};

use hyper::Method;
use kernel::System;
use rest::{
    Act, Found, Table,
    metrics::{Metrics, Series},
};

use crate::crew::Crew;

/// The addresses of every business.
pub struct Routes {
    /// The businesses.
    pub businesses: Vec<Business>,
    /// What is counted that leads nowhere, or to ourselves.
    pub other: Arc<Series>,
}

/// The addresses of one business.
pub struct Business {
    /// What was declared.
    pub system: System,
    /// Below which prefixes, the longest first.
    pub bases: Vec<String>,
    table: Table,
    /// For each route of the table: whose it is, and what is counted.
    ends: Vec<(Option<Arc<Crew>>, Arc<Series>)>,
}

/// Where an address leads.
#[derive(Clone, Copy)]
pub enum Way<'a> {
    /// To a context.
    Context(&'a Arc<Crew>, &'a Arc<Series>),
    /// To the links of a business, below this prefix.
    Root(&'a Business, &'a str),
    /// To the description of everything.
    Description,
    /// Nowhere.
    Nowhere,
}

/// Who serves each context of each business.
pub type Crews = BTreeMap<&'static str, Arc<Crew>>;

impl Routes {
    /// The addresses of these; where there is only one business, it can be at the root too.
    pub fn of(systems: Vec<System>, alone: bool, crews: &Crews, metrics: &Metrics) -> Self {
        let is_alone = alone && systems.len() == 1;
        let business = |system| Business::of(system, is_alone, crews, metrics);
        let businesses = systems.into_iter().map(business).collect();
        Self { businesses, other: metrics.series("", "other") }
    }

    /// Where an address leads. What is not declared leads nowhere: not to what is for operators,
    /// and not to what is said between contexts.
    pub fn way(&self, method: &Method, path: &str) -> Way<'_> {
        if path == "/openapi.json" {
            return Way::Description;
        }
        let Some(segments) = rest::segments(path) else { return Way::Nowhere };
        // Nobody between us and a resource is to understand it as another address.
        if segments.iter().any(|it| it == "." || it == "..") {
            return Way::Nowhere;
        }
        let way = self.businesses.iter().find_map(|it| it.way(method, path, &segments));
        way.unwrap_or(Way::Nowhere)
    }
}

impl Business {
    fn of(system: System, alone: bool, crews: &Crews, metrics: &Metrics) -> Self {
        let table = Table::of(&system, None);
        let end = |route: &rest::Route| {
            let crew = match route.act {
                Act::List(it) | Act::Row(it) | Act::Lookup(it, _) | Act::Tell(it, _) => {
                    crews.get(it.context(&system).name).cloned()
                }
                Act::Root | Act::Description | Act::Operate(_) => None,
            };
            let template = format!("/{}{}", system.name, route.template);
            (crew, metrics.series(route.method.as_str(), &template))
        };
        let ends = table.routes.iter().map(end).collect();
        let bases = [Some(format!("/{}", system.name)), alone.then(String::new)];
        Self { bases: bases.into_iter().flatten().collect(), table, ends, system }
    }

    fn way(&self, method: &Method, path: &str, segments: &[String]) -> Option<Way<'_>> {
        let below = |base: &&String| {
            let rest = path.strip_prefix(base.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let base = self.bases.iter().find(below)?;
        let rest = segments.get(base.matches('/').count()..)?;
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let index = match self.table.find(method, rest) {
            Found::Here(index, ..) => index,
            // Who serves it knows what there is to say.
            Found::Others(routes, _) => {
                let first = *routes.first()?;
                self.table.routes.iter().position(|it| std::ptr::eq(it, first))?
            }
            Found::Nothing => return None,
        };
        match (self.table.routes[index].act, &self.ends[index]) {
            (Act::Root, _) => Some(Way::Root(self, base)),
            (Act::Description, _) => Some(Way::Description),
            (_, (crew, series)) => Some(Way::Context(crew.as_ref()?, series)),
        }
    }
}

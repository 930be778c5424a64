//! Every address there is, made from the declaration: served, described and tested from here.

use axum::http::Method;
use kernel::{Context, Guarded, Projection, Rule, System, Verb};

/// Every address there is.
pub struct Table {
    /// In the order they are tried.
    pub routes: Vec<Route>,
}

/// One address, and what is done there by one method.
pub struct Route {
    /// How it is called.
    pub method: Method,
    /// `/requests/{id}/servicecancel`
    pub template: String,
    /// What is done.
    pub act: Act,
}

/// What is done at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Links to everything.
    Root,
    /// The description of everything.
    Description,
    /// For whoever looks after the process.
    Operate(Operation),
    /// Lists the rows of a view.
    List(Resource),
    /// Shows one row.
    Row(Resource),
    /// Finds one row by another field: the lookup of this index.
    Lookup(Resource, usize),
    /// Gives the command of the rule of this index.
    Tell(Resource, usize),
}

/// What is done for whoever looks after the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Whether the process lives.
    Alive,
    /// Whether it can do its job.
    Ready,
    /// Its figures.
    Metrics,
    /// The ledger.
    Ledger,
    /// Deliveries that took a path of their own.
    Deliveries,
    /// One of them.
    Delivery,
    /// Try one again.
    Replay,
    /// Give one up.
    Abandon,
    /// What has happened.
    Events,
    /// One case, in sentences.
    Case,
    /// Every view, and how its rebuild stands.
    Views,
    /// One of them.
    View,
    /// Rebuild it beside the rows that are shown.
    Rebuild,
    /// Show the rows that were rebuilt.
    Switch,
    /// Give its rebuild up.
    Cancel,
    /// Who feels how.
    Lab,
    /// Make one feel so.
    Feel,
}

/// What is found under one path: a view, the aggregate behind it, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// `requests`
    pub path: &'static str,
    context: usize,
    view: Option<usize>,
    aggregate: Option<usize>,
}

/// What there is at an address.
pub enum Found<'a> {
    /// This, with what stands in the open place of its template.
    Here(usize, &'a Route, String),
    /// Only other methods are heard there; with what stands in the open place.
    Others(Vec<&'a Route>, String),
    /// Nothing.
    Nothing,
}

const OPERATIONS: [(Method, &str, Operation); 18] = [
    (Method::GET, "/livez", Operation::Alive),
    (Method::GET, "/readyz", Operation::Ready),
    (Method::GET, "/metrics", Operation::Metrics),
    (Method::GET, "/ops/ledger", Operation::Ledger),
    (Method::GET, "/ops/deliveries", Operation::Deliveries),
    (Method::POST, "/ops/deliveries/replay", Operation::Replay),
    (Method::POST, "/ops/deliveries/abandon", Operation::Abandon),
    (Method::GET, "/ops/deliveries/{id}", Operation::Delivery),
    (Method::GET, "/ops/events", Operation::Events),
    (Method::GET, "/ops/cases/{kind}/{id}", Operation::Case),
    (Method::GET, "/ops/cases/{id}", Operation::Case),
    (Method::GET, "/ops/views", Operation::Views),
    (Method::GET, "/ops/views/{name}", Operation::View),
    (Method::POST, "/ops/views/{name}/rebuild", Operation::Rebuild),
    (Method::POST, "/ops/views/{name}/switch", Operation::Switch),
    (Method::POST, "/ops/views/{name}/cancel", Operation::Cancel),
    (Method::GET, "/ops/lab", Operation::Lab),
    (Method::PUT, "/ops/lab/{name}", Operation::Feel),
];

impl Operation {
    /// Whether something is sent that changes something.
    #[must_use]
    pub fn changes(self) -> bool {
        let mut found = OPERATIONS.iter().filter(|(_, _, it)| *it == self);
        found.any(|(method, ..)| *method != Method::GET)
    }
}

impl Table {
    /// The resources of a business, or of one of its contexts.
    #[must_use]
    pub fn of(system: &System, only: Option<&str>) -> Self {
        let mut routes = vec![
            Route::new(Method::GET, "/", Act::Root),
            Route::new(Method::GET, "/openapi.json", Act::Description),
        ];
        for resource in Resource::all(system, only) {
            resource.routes(system, &mut routes);
        }
        Self { routes }
    }

    /// Nothing at all.
    pub(crate) fn empty() -> Self {
        Self { routes: Vec::new() }
    }

    /// What is there for whoever looks after the process; where only a context is served, no
    /// more than its health.
    #[must_use]
    pub fn operating(whole: bool, lab: bool) -> Self {
        let served = |(_, template, operation): &&(Method, &str, Operation)| match operation {
            Operation::Lab | Operation::Feel => whole && lab,
            _ => whole || !template.starts_with("/ops"),
        };
        let routes = OPERATIONS.iter().filter(served);
        let route = |(method, template, operation): &(Method, &str, Operation)| {
            Route::new(method.clone(), *template, Act::Operate(*operation))
        };
        Self { routes: routes.map(route).collect() }
    }

    /// What is at this address; a path of which nothing is left is the root.
    #[must_use]
    pub fn find(&self, method: &Method, segments: &[String]) -> Found<'_> {
        let mut routes = self.routes.iter().enumerate();
        let Some((_, first)) = routes.clone().find(|(_, it)| it.matches(segments).is_some()) else {
            return Found::Nothing;
        };
        let same = routes.clone().filter(|(_, it)| it.template == first.template);
        match routes.find(|(_, it)| it.template == first.template && it.method == method) {
            Some((index, route)) => {
                Found::Here(index, route, route.matches(segments).unwrap_or_default())
            }
            None => Found::Others(
                same.map(|(_, it)| it).collect(),
                first.matches(segments).unwrap_or_default(),
            ),
        }
    }
}

impl Route {
    fn new(method: Method, template: impl Into<String>, act: Act) -> Self {
        Self { method, template: template.into(), act }
    }

    /// What stands in the open places of the template, with a slash between them, if the path
    /// is of this template.
    fn matches(&self, segments: &[String]) -> Option<String> {
        let mut param = String::new();
        let mut given = segments.iter();
        for expected in self.template.split('/').filter(|it| !it.is_empty()) {
            let segment = given.next()?;
            if expected.starts_with('{') && !segment.is_empty() {
                if !param.is_empty() {
                    param.push('/');
                }
                param.push_str(segment);
            } else if expected != segment {
                return None;
            }
        }
        given.next().is_none().then_some(param)
    }
}

impl Resource {
    /// Every path of a business, or of one of its contexts.
    #[must_use]
    pub fn all(system: &System, only: Option<&str>) -> Vec<Self> {
        let mut all = Vec::new();
        for (context, it) in system.contexts.iter().enumerate() {
            if only.is_some_and(|only| only != it.name) {
                continue;
            }
            for (index, guarded) in it.aggregates.iter().enumerate() {
                if let Some(path) = guarded.path {
                    let view = it.views.iter().position(|view| view.name == path);
                    all.push(Self { path, context, view, aggregate: Some(index) });
                }
            }
            for (index, view) in it.views.iter().enumerate() {
                let (path, view) = (view.name, Some(index));
                if !it.aggregates.iter().any(|guarded| guarded.path == Some(path)) {
                    all.push(Self { path, context, view, aggregate: None });
                }
            }
        }
        all
    }

    /// The context it belongs to.
    #[must_use]
    pub fn context<'a>(&self, system: &'a System) -> &'a Context {
        &system.contexts[self.context]
    }

    /// What it shows.
    #[must_use]
    pub fn view<'a>(&self, system: &'a System) -> Option<&'a Projection> {
        self.view.map(|index| &self.context(system).views[index])
    }

    /// What takes its commands.
    #[must_use]
    pub fn aggregate<'a>(&self, system: &'a System) -> Option<&'a Guarded> {
        self.aggregate.map(|index| &self.context(system).aggregates[index])
    }

    /// Its rules that can be called from outside, with their place among all.
    pub fn rules<'a>(&self, system: &'a System) -> impl Iterator<Item = (usize, &'a Rule)> {
        let rules = self.aggregate(system).map(|it| it.rules.as_slice()).unwrap_or_default();
        rules.iter().enumerate().filter(|(_, rule)| rule.verb.is_some())
    }

    /// Where a command is given: method and template.
    #[must_use]
    pub fn address(&self, rule: &Rule) -> Option<(Method, String)> {
        Some(match rule.verb.as_ref()? {
            Verb::Post | Verb::PostTo(_) => (Method::POST, format!("/{}", self.path)),
            Verb::Put(verb) => (Method::PUT, format!("/{}/{{id}}/{verb}", self.path)),
        })
    }

    fn routes(self, system: &System, routes: &mut Vec<Route>) {
        if let Some(view) = self.view(system) {
            let path = self.path;
            routes.push(Route::new(Method::GET, format!("/{path}"), Act::List(self)));
            for (index, lookup) in view.lookups.iter().enumerate() {
                let template = if lookup.in_path {
                    format!("/{path}/{}/{{{}}}", lookup.name, lookup.field)
                } else {
                    format!("/{path}/search/{}", lookup.name)
                };
                routes.push(Route::new(Method::GET, template, Act::Lookup(self, index)));
            }
            routes.push(Route::new(Method::GET, format!("/{path}/{{id}}"), Act::Row(self)));
        }
        for (index, rule) in self.rules(system) {
            if let Some((method, template)) = self.address(rule) {
                routes.push(Route::new(method, template, Act::Tell(self, index)));
            }
        }
    }
}

//! Where every request comes in: understood, led to its place, and answered.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use kernel::System;
use parking_lot::Mutex;
use runtime::Failure;

use crate::{
    answer,
    call::{Call, Caller},
    hal::Plan,
    health,
    metrics::Series,
    openapi, ops, percent,
    problem::{Kind, Place, Problem, Violation},
    query::Fields,
    resources,
    rest::Rest,
    root,
    table::{Act, Found, Operation, Resource, Route, Table},
    tongue,
};

/// One door of the business: all of it, or one of its contexts.
pub struct Front {
    /// What is served, and how.
    pub rest: Rest,
    /// The context, if it is only one.
    pub only: Option<&'static str>,
    /// The addresses of the business, below each prefix.
    pub business: Table,
    /// The description of everything, made once below each prefix.
    pub described: Mutex<BTreeMap<String, Arc<str>>>,
    plans: BTreeMap<&'static str, Plan>,
    operating: Table,
    /// The addresses of contexts that other processes serve.
    away: Table,
    /// Of the business, of the operators, of everything else.
    series: (Vec<Arc<Series>>, Vec<Arc<Series>>, Arc<Series>),
}

/// Where a path leads.
struct Led<'a> {
    base: &'a str,
    found: Found<'a>,
    series: &'a [Arc<Series>],
}

impl Front {
    pub fn of(rest: Rest, only: Option<&str>) -> Self {
        let system = rest.runtime.system();
        let only = only.and_then(|name| system.context(name)).map(|it| it.name);
        let business = Table::of(system, only);
        let operating = Table::operating(only.is_none(), rest.lab);
        let away =
            if only.is_some() { Table::empty() } else { Table::of(rest.runtime.away(), None) };
        let views = system.contexts.iter().flat_map(|it| &it.views);
        let plans = views.map(|view| (view.name, Plan::of(view))).collect();
        let series = |table: &Table| {
            let routes = table.routes.iter();
            routes.map(|it| rest.metrics.series(it.method.as_str(), &it.template)).collect()
        };
        let series = (series(&business), series(&operating), rest.metrics.series("", "other"));
        let described = Mutex::default();
        Self { rest, only, business, described, plans, operating, away, series }
    }

    pub fn system(&self) -> &System {
        self.rest.runtime.system()
    }

    /// How the rows of a view are shown, if it is one.
    pub fn plan(&self, view: &str) -> Option<&Plan> {
        self.plans.get(view)
    }

    /// The addresses for whoever looks after the process.
    pub fn operating(&self) -> &Table {
        &self.operating
    }

    /// Answers one request.
    pub async fn answer(self: &Arc<Self>, request: Request) -> Response {
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        let tongue = tongue::of(&parts.headers);
        let (path, is_head) = (parts.uri.path().to_owned(), parts.method == Method::HEAD);
        let (series, answer) = self.lead(parts, body).await;
        let mut answer = answer.unwrap_or_else(|problem| problem.answer(tongue, &path));
        secure(&mut answer);
        if is_head {
            answer = without_body(answer);
        }
        series.count(answer.status(), began.elapsed());
        answer
    }

    async fn lead(
        self: &Arc<Self>,
        parts: Parts,
        body: Body,
    ) -> (Arc<Series>, Result<Response, Problem>) {
        let other = Arc::clone(&self.series.2);
        let path = parts.uri.path().to_owned();
        let Some(segments) = segments(&path) else {
            let sentences = ("UTF-8로 풀 수 없어요.", "cannot be decoded as UTF-8.");
            let wrong = Violation::new(Place::Path, "path", "encoding", sentences);
            return (other, Err(wrong.into()));
        };
        let method = match parts.method {
            Method::HEAD => Method::GET,
            ref method => method.clone(),
        };
        let Led { base, found, series } = self.led(&method, &path, &segments);
        match found {
            Found::Here(index, route, param) => {
                let caller = |who| Caller { base: base.to_owned(), who };
                let call = self.understand(parts, param, caller);
                let answer = match call {
                    Ok(call) => self.act(route.act, call, body).await,
                    Err(problem) => Err(problem),
                };
                (Arc::clone(&series[index]), answer)
            }
            Found::Others(routes, _) if method == Method::OPTIONS => {
                (other, Ok(answer::nothing(&allowed(&routes))))
            }
            Found::Others(routes, param) => (other, Err(self.not_so(base, &routes, &param))),
            Found::Nothing => (other, Err(self.elsewhere(&path).unwrap_or_else(nothing_there))),
        }
    }

    /// The operators' addresses first, then the business below each prefix.
    fn led(&self, method: &Method, path: &str, segments: &[String]) -> Led<'_> {
        let (business, operating, _) = &self.series;
        let found = self.operating.find(method, segments);
        if !matches!(found, Found::Nothing) {
            return Led { base: "", found, series: operating };
        }
        let mut bases: Vec<_> = self.rest.bases.iter().map(String::as_str).collect();
        bases.sort_by_key(|base| std::cmp::Reverse(base.len()));
        let below = |base: &str| {
            path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let base = bases.iter().copied().find(|base| below(base));
        // Whoever knocks at the root is shown around, wherever the business is.
        let (base, skip) = match base {
            Some(base) => (base, base.matches('/').count()),
            None if path == "/" || path == "/openapi.json" => {
                (bases.first().copied().unwrap_or_default(), 0)
            }
            None => return Led { base: "", found: Found::Nothing, series: business },
        };
        let found = self.business.find(method, segments.get(skip..).unwrap_or_default());
        Led { base, found, series: business }
    }

    /// What is served, and not by this process.
    fn elsewhere(&self, path: &str) -> Option<Problem> {
        let mut bases: Vec<_> = self.rest.bases.iter().map(String::as_str).collect();
        bases.sort_by_key(|base| std::cmp::Reverse(base.len()));
        let rest = bases.iter().find_map(|base| path.strip_prefix(base))?;
        let (away, segments) = (self.rest.runtime.away(), segments(rest)?);
        let resource = match self.away.find(&Method::GET, &segments) {
            Found::Here(_, route, _) => resource(route.act),
            Found::Others(routes, _) => routes.iter().find_map(|route| resource(route.act)),
            Found::Nothing => None,
        };
        let context = resource?.context(away).name;
        Some(Failure::unavailable(context, "another process serves it").into())
    }

    fn understand(
        &self,
        parts: Parts,
        param: String,
        caller: impl FnOnce(crate::who::Who) -> Caller,
    ) -> Result<Call, Problem> {
        let who = self.rest.access.who(self.system(), &parts.headers)?;
        Ok(Call {
            query: Fields::parse(parts.uri.query())?,
            tongue: tongue::of(&parts.headers),
            headers: parts.headers,
            caller: caller(who),
            param,
        })
    }

    async fn act(self: &Arc<Self>, act: Act, call: Call, body: Body) -> Result<Response, Problem> {
        match act {
            Act::Root => root::show(self, &call),
            Act::Description => openapi::show(self, &call),
            Act::List(resource) => resources::list(self, &call, resource).await,
            Act::Row(resource) => resources::row(self, &call, resource).await,
            Act::Lookup(resource, lookup) => resources::lookup(self, &call, resource, lookup).await,
            Act::Tell(resource, rule) => resources::tell(self, &call, body, (resource, rule)).await,
            Act::Operate(Operation::Alive) => health::alive(&call),
            Act::Operate(Operation::Ready) => health::ready(self, &call),
            Act::Operate(Operation::Metrics) => crate::metrics::show(self, &call).await,
            Act::Operate(operation) => ops::operate(self, &call, body, operation).await,
        }
    }

    /// Not by this method; but these commands there are.
    fn not_so(&self, base: &str, routes: &[&Route], param: &str) -> Problem {
        let system = self.system();
        let resource = routes.iter().find_map(|route| resource(route.act));
        let commands = resource.iter().flat_map(|resource| {
            let rules = resource.rules(system).filter(|(_, rule)| !rule.roles.is_empty());
            rules.filter_map(|(_, rule)| {
                let (method, mut template) = resource.address(rule)?;
                if routes.iter().any(|route| route.template.contains("{id}")) {
                    template = template.replace("{id}", &percent::encode(param));
                }
                Some(serde_json::json!({
                    "method": method.as_str(),
                    "href": format!("{base}{template}"),
                    "title": rule.command.doc,
                }))
            })
        });
        let methods = allowed(routes);
        Problem::new(
            Kind::MethodNotAllowed,
            format!("이 주소에서 쓸 수 있는 메서드: {methods}."),
            format!("The methods heard at this address are {methods}."),
        )
        .allow(methods, commands.collect())
    }
}

/// What of a path stands between its slashes.
#[must_use]
pub fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/').map(percent::decode).collect()
}

fn resource(act: Act) -> Option<Resource> {
    match act {
        Act::List(it) | Act::Row(it) | Act::Lookup(it, _) | Act::Tell(it, _) => Some(it),
        Act::Root | Act::Description | Act::Operate(_) => None,
    }
}

fn allowed(routes: &[&Route]) -> String {
    let mut methods = Vec::new();
    for route in routes {
        methods.push(route.method.as_str());
        if route.method == Method::GET {
            methods.push("HEAD");
        }
    }
    methods.push("OPTIONS");
    methods.join(", ")
}

fn nothing_there() -> Problem {
    Problem::new(
        Kind::UnknownPath,
        "이 주소에는 아무것도 없어요. 첫 주소에 모든 링크가 있어요.",
        "There is nothing at this address; the links at the root lead everywhere.",
    )
}

/// What every answer says to a browser that guesses.
pub fn secure(answer: &mut Response) {
    let headers = answer.headers_mut();
    let policy = "default-src 'none'; frame-ancestors 'none'";
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
}

fn without_body(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    if let Some(length) = body.size_hint().exact()
        && parts.status != StatusCode::NO_CONTENT
        && parts.status != StatusCode::NOT_MODIFIED
    {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Body::empty())
}

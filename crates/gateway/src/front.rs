//! Where every request of the public comes in.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Instant};

use axum::body::Body;
use http_body_util::Either;
use hyper::{Method, Request, Response, header::HeaderValue};
use kernel::Tongue;
use rest::{
    Kind, Problem,
    edge::{body::RequestBody, drain::Drain},
    metrics::{Metrics, Series},
};
use runtime::ports::Chance;

use crate::{
    Ground,
    answer::Said,
    choice::Luck,
    crew::Crew,
    documents, heads,
    pass::{self, Asked},
    rate::Rate,
    roster::Roster,
    routes::{Crews, Routes, Way},
    settings::Settings,
};

/// The gateway as everything in it sees it.
pub struct Front {
    pub settings: Settings,
    pub routes: Routes,
    /// Who serves each context.
    pub crews: Crews,
    pub metrics: Metrics,
    pub figures: pass::Figures,
    pub luck: Luck,
    pub drain: Drain,
    rate: Rate,
    chance: Arc<dyn Chance>,
    /// The description of everything, made once.
    described: String,
}

impl Front {
    /// Everyone is found, and was asked once.
    pub async fn start(ground: Ground, drain: Drain) -> Arc<Self> {
        let Ground { systems, alone, places, settings, chance } = ground;
        let mut crews = BTreeMap::new();
        let roster = Roster::new(settings.clone());
        for context in systems.iter().flat_map(|it| &it.contexts) {
            // Businesses that have a name in common are served in the same places.
            if crews.contains_key(context.name) {
                continue;
            }
            let at = places.of(context.name).to_vec();
            let crew = Arc::new(Crew::new(context.name, at, settings.at_once_max));
            crews.insert(context.name, Arc::clone(&crew));
            Arc::clone(&roster).gather(crew).await;
        }
        let metrics = Metrics::default();
        let described = documents::description(&systems);
        let routes = Routes::of(systems, alone, &crews, &metrics);
        let rate = Rate::of(settings.rate);
        let (figures, luck) = Default::default();
        Arc::new(Self {
            settings,
            routes,
            crews,
            metrics,
            figures,
            luck,
            drain,
            rate,
            chance,
            described,
        })
    }

    /// The contexts that nobody serves now.
    pub fn unserved(&self) -> Vec<&'static str> {
        let crews = self.crews.values();
        crews.filter(|it| !it.is_served()).map(|it| it.context).collect()
    }

    /// Answers one request of the public.
    pub async fn answer(&self, request: Request<RequestBody>) -> Response<Said> {
        let began = Instant::now();
        let (mut parts, body) = request.into_parts();
        let tongue = rest::tongue(&parts.headers);
        let bits = || self.chance.bits();
        let headers = parts.headers.len();
        let id = heads::request_id(&mut parts.headers, bits);
        let path = parts.uri.path().to_owned();
        let way = self.routes.way(&parts.method, &path);
        let series = match way {
            Way::Context(_, series) => series,
            _ => &self.routes.other,
        };
        let peer = body.peer().ip();
        let answer = match self.is_admitted(&path, peer, headers) {
            Err(problem) => Err(problem),
            Ok(()) => match way {
                Way::Context(crew, _) => {
                    heads::trace(&mut parts.headers, bits);
                    pass::on(self, crew, Asked { parts, body, id: &id }).await
                }
                way => self.own(way, &parts, tongue).map(|it| it.map(Either::Right)),
            },
        };
        let mut answer = answer.unwrap_or_else(|it| refused(it, tongue, &path));
        answer.headers_mut().insert(heads::REQUEST_ID, id);
        count(series, &answer, began);
        answer
    }

    /// Early and cheap: whoever is turned away costs nothing further. How we are is always said.
    fn is_admitted(&self, path: &str, peer: IpAddr, headers: usize) -> Result<(), Problem> {
        if documents::is_health(path) {
            return Ok(());
        }
        if let Err(wait) = self.rate.take(peer) {
            let seconds = wait.as_secs() + 1;
            return Err(Problem::new(
                Kind::TooMany,
                format!("요청이 너무 많아요. {seconds}초 뒤에 다시 해 주세요."),
                format!("There were too many requests; please come back in {seconds} s."),
            )
            .retry_after(seconds));
        }
        let most = self.settings.headers_max;
        if headers > most {
            return Err(Problem::new(
                Kind::TooManyHeaders,
                format!("머리글은 {most}개까지 보낼 수 있어요."),
                format!("A request may have {most} headers at the most."),
            ));
        }
        Ok(())
    }

    /// What we answer ourselves.
    fn own(
        &self,
        way: Way<'_>,
        parts: &hyper::http::request::Parts,
        tongue: Tongue,
    ) -> Result<Response<Body>, Problem> {
        let path = parts.uri.path();
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        let mut answer = match way {
            _ if documents::is_health(path) && reads => documents::health(self, path),
            Way::Root(business, base) if reads => {
                rest::tagged(&parts.headers, "application/hal+json", {
                    rest::links((&business.system, None, &documents::health_only()), base, tongue)
                })
            }
            Way::Description if reads => {
                rest::tagged(&parts.headers, "application/json", self.described.clone())
            }
            _ if path == "/" && reads => documents::yard(self, &parts.headers, tongue),
            Way::Nowhere if !documents::is_health(path) && path != "/" => {
                return Err(nothing_there());
            }
            _ => return Err(only_reads()),
        };
        rest::secure(&mut answer);
        Ok(answer)
    }
}

/// A problem, as it is said to whoever asked.
pub fn refused(problem: Problem, tongue: Tongue, path: &str) -> Response<Said> {
    let mut answer = problem.answer(tongue, path);
    rest::secure(&mut answer);
    answer.map(Either::Right)
}

fn count(series: &Series, answer: &Response<Said>, began: Instant) {
    series.count(answer.status(), began.elapsed());
}

pub fn nothing_there() -> Problem {
    Problem::new(
        Kind::UnknownPath,
        "이 주소에는 아무것도 없어요. 첫 주소에 모든 링크가 있어요.",
        "There is nothing at this address; the links at the root lead everywhere.",
    )
}

pub fn only_reads() -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        "이 주소는 읽기만 할 수 있어요: GET, HEAD.",
        "The methods heard at this address are GET, HEAD.",
    )
    .allow("GET, HEAD".to_owned(), serde_json::json!([]))
}

/// A crew as a problem names it.
pub fn nobody_serves(crew: &Crew) -> Problem {
    let name = crew.context;
    Problem::new(
        Kind::Unavailable,
        format!("지금은 {name} 쪽이 답하지 않아요. 바뀐 것은 없어요. 잠시 뒤 다시 해 주세요."),
        format!("{name} does not answer now. Nothing has changed; please try again soon."),
    )
    .retry_after(1)
}

/// The name of a request, as it stands in a log.
pub fn told(id: &HeaderValue) -> &str {
    id.to_str().unwrap_or("?")
}

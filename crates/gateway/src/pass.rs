//! Passes a request on to a replica of its context, and to another if that may help.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use http_body_util::Either;
use hyper::{
    Request, Response, StatusCode, Uri, Version,
    body::Incoming,
    header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue},
    http::request::Parts,
};
use rest::{Kind, Problem, edge::body::RequestBody};
use tokio::time::{Duration, Instant};

use crate::{
    answer::{Carried, Said, Until},
    crew::Crew,
    front::{self, Front},
    heads,
    replica::Place,
    upload::{Flaw, Upload},
    wire::{Fault, Wire},
};

/// How often one request is tried at the most.
const ATTEMPTS: usize = 3;

/// A request, understood so far.
pub struct Asked<'a> {
    pub parts: Parts,
    pub body: RequestBody,
    pub id: &'a HeaderValue,
}

/// What was counted since the start.
#[derive(Default)]
pub struct Figures {
    /// Second attempts after nothing was sent.
    pub unsent: AtomicU64,
    /// Second attempts of what may be repeated.
    pub repeated: AtomicU64,
}

/// A request as each attempt sends it.
struct Order<'a> {
    head: Parts,
    upload: Upload,
    deadline: Instant,
    may_be_repeated: bool,
    id: &'a HeaderValue,
}

/// Passes a request on, and gives back what is answered.
///
/// # Errors
///
/// When nobody answers; the problem names the context.
pub async fn on(front: &Front, crew: &Crew, asked: Asked<'_>) -> Result<Response<Said>, Problem> {
    let order = order(front, asked)?;
    crew.budget.lock().earn();
    let (mut before, mut attempts) = (None, 0);
    loop {
        let place = crew.place(&front.luck, before);
        let mut place = place.ok_or_else(|| front::nobody_serves(crew))?;
        let replica = place.replica.clone();
        attempts += 1;
        let fault = match replica.send(order.request(&replica.host), order.deadline).await {
            Ok((answer, wire)) => {
                place.ended(true, 0);
                return said(front, crew, (answer, wire), (place, order.deadline));
            }
            Err(fault) => fault,
        };
        // Whoever sends slowly has used up the time; the replica is not to blame.
        let waited = matches!(fault, Fault::TooLate) && !order.upload.is_whole();
        if let Some(flaw) = order.upload.flaw().or(waited.then_some(Flaw::BrokenOff)) {
            return Err(not_whole(flaw, front.settings.body_bytes_max));
        }
        // Whoever cannot be reached is not chosen again; there is nothing to judge.
        if !matches!(fault, Fault::NotSent) {
            place.ended(false, front.luck.draw());
        }
        tracing::info!(
            request = front::told(order.id),
            context = crew.context,
            replica = %replica.address,
            %fault,
            "an attempt failed"
        );
        before = Some(replica.address);
        let again = attempts < ATTEMPTS && Instant::now() < order.deadline;
        match fault {
            // It has cost nobody anything, so it needs no budget.
            Fault::NotSent if again => front.figures.unsent.fetch_add(1, Relaxed),
            Fault::Broken(_) if again && order.may_be_repeated && crew.budget.lock().spend() => {
                front.figures.repeated.fetch_add(1, Relaxed)
            }
            Fault::NotSent => return Err(front::nobody_serves(crew)),
            Fault::Broken(_) => return Err(no_answer(crew)),
            Fault::TooLate => return Err(too_late(crew)),
        };
    }
}

fn order<'a>(front: &Front, asked: Asked<'a>) -> Result<Order<'a>, Problem> {
    let Asked { parts: mut head, body, id } = asked;
    let most = front.settings.body_bytes_max;
    let peer = body.peer().ip();
    let upload = Upload::of(body, most).map_err(|flaw| not_whole(flaw, most))?;
    let may_be_repeated = heads::may_be_repeated(&head.method, &head.headers);
    let wait = Duration::from_secs(heads::wait(&head.headers));
    let deadline = Instant::now() + front.settings.deadline + wait;
    let authority = head.uri.authority().and_then(|it| it.as_str().parse().ok());
    let host = head.headers.get(HOST).cloned().or(authority);
    heads::inward(&mut head.headers, heads::Known { peer, host });
    head.version = Version::HTTP_11;
    head.extensions.clear();
    // Only the path: which host is meant is decided.
    head.uri = head.uri.path_and_query().cloned().map_or_else(Uri::default, Uri::from);
    Ok(Order { head, upload, deadline, may_be_repeated, id })
}

impl Order<'_> {
    /// One attempt, framed anew by whoever sends it.
    fn request(&self, host: &HeaderValue) -> Request<Upload> {
        let mut request = Request::new(self.upload.again());
        *request.method_mut() = self.head.method.clone();
        *request.uri_mut() = self.head.uri.clone();
        *request.headers_mut() = self.head.headers.clone();
        let left = self.deadline.saturating_duration_since(Instant::now()).as_millis();
        let headers = request.headers_mut();
        headers.insert(heads::LEFT, u64::try_from(left).unwrap_or(u64::MAX).into());
        headers.insert(HOST, host.clone());
        request
    }
}

fn said(
    front: &Front,
    crew: &Crew,
    (answer, wire): (Response<Incoming>, Wire),
    (place, deadline): (Place, Instant),
) -> Result<Response<Said>, Problem> {
    let (mut head, body) = answer.into_parts();
    // Nobody has asked for another protocol.
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(no_answer(crew));
    }
    let replica = place.replica.clone();
    if head.headers.contains_key(CONNECTION) {
        // Perhaps it says goodbye.
        replica.look.notify_one();
    }
    let media = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let until = if media.is_some_and(|it| it.starts_with(b"text/event-stream")) {
        let drain = front.drain.clone();
        Until::End(Box::pin(async move { drain.draining().await }))
    } else {
        Until::Time(deadline)
    };
    heads::outward(&mut head.headers);
    head.version = Version::HTTP_11;
    head.extensions.clear();
    let body = Carried::new(body, wire, replica, until).at(place);
    Ok(Response::from_parts(head, Either::Left(body)))
}

fn not_whole(flaw: Flaw, most: u64) -> Problem {
    match flaw {
        Flaw::TooLarge => {
            let kib = most / 1024;
            Problem::new(
                Kind::TooLarge,
                format!("본문은 {kib} KiB({most}바이트)까지 보낼 수 있어요."),
                format!("A body may have {kib} KiB ({most} bytes) at the most."),
            )
        }
        Flaw::BrokenOff => Problem::new(
            Kind::BrokenOff,
            "요청 본문이 끝까지 오지 않았어요.",
            "The body of the request did not arrive in full.",
        ),
    }
}

fn no_answer(crew: &Crew) -> Problem {
    let name = crew.context;
    Problem::new(
        Kind::NoAnswer,
        format!(
            "{name} 쪽이 답하다가 끊겼어요. 되었는지 알 수 없으니 같은 Idempotency-Key로 다시 \
             보내 주세요."
        ),
        format!(
            "{name} broke off before it answered. It is not known whether it was done; please \
             repeat it under the same Idempotency-Key."
        ),
    )
    .retry_after(1)
}

fn too_late(crew: &Crew) -> Problem {
    let name = crew.context;
    Problem::new(
        Kind::TooLate,
        format!(
            "{name} 쪽이 제때 답하지 않았어요. 되었는지 알 수 없으니 같은 Idempotency-Key로 다시 \
             보내 주세요."
        ),
        format!(
            "{name} did not answer in time. It is not known whether it was done; please repeat \
             it under the same Idempotency-Key."
        ),
    )
    .retry_after(1)
}

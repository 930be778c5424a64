//! Asks a replica again and again whether it can do its job.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use http_body_util::BodyExt;
use hyper::{Request, StatusCode, Uri, header::HOST};
use tokio::time::{Instant, interval};

use crate::{
    answer::{Carried, Until},
    replica::{Health, Replica},
    upload::Upload,
};

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// After so many in a row that nothing was said to, it counts as away: one may have been
/// overlooked under load.
const SILENT_MAX: u32 = 3;

/// Asks until nobody needs the replica any more.
pub async fn watch(replica: Weak<Replica>, every: Duration) {
    let mut looks = interval(every);
    let mut silent = 0;
    while let Some(replica) = replica.upgrade().filter(|it| Arc::strong_count(it) > 1) {
        tokio::select! {
            _ = looks.tick() => {}
            () = replica.look.notified() => {}
        }
        replica.tidy();
        silent = if look(&replica).await { 0 } else { silent + 1 };
        if silent >= SILENT_MAX {
            replica.is_now(Health::Away);
        }
    }
}

/// Asks once how it is; whether something was said.
pub async fn look(replica: &Arc<Replica>) -> bool {
    let mut request = Request::new(Upload::empty());
    *request.uri_mut() = Uri::from_static("/readyz");
    request.headers_mut().insert(HOST, replica.host.clone());
    let deadline = Instant::now() + PATIENCE;
    let Ok((answer, wire)) = replica.send(request, deadline).await else {
        // Where nobody listens, that has been noted.
        return replica.health() == Health::Away;
    };
    let (head, body) = answer.into_parts();
    let ready = head.status == StatusCode::OK;
    replica.is_now(if ready { Health::Ready } else { Health::Unready });
    let body = Carried::new(body, wire, Arc::clone(replica), Until::Time(deadline));
    // Read to its end, the connection can be used again.
    drop(body.collect().await);
    true
}

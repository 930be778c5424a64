//! What is to be served, and how.

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use runtime::Runtime;

use crate::{edge::drain::Drain, front::Front, metrics::Metrics, who::Access};

/// A business as a service: what is to be served, and how. Cheap to clone; the figures are shared
/// by all that is made from it.
#[derive(Clone)]
pub struct Rest {
    /// The business at work.
    pub runtime: Runtime,
    /// The prefixes the resources are found under: `/repair`, or nothing for the root. Each
    /// request is answered with links of the prefix it came by.
    pub bases: Vec<String>,
    /// Who may act in which role.
    pub access: Access,
    /// Whether the failure lab may be used.
    pub lab: bool,
    /// How long a caller waits for a case to settle who does not say so (`Prefer: wait=5`).
    pub see_through: Duration,
    /// How long a read waits for its view to catch up with a freshness token.
    pub catch_up: Duration,
    /// How many missed changes of a live list are told one by one; beyond it, a listener is told
    /// to look again.
    pub changes_max: usize,
    /// Says when the process is going to stop: readiness and live views end with it.
    pub drain: Option<Drain>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Rest {
    /// A business, found under its name; open, without a lab.
    #[must_use]
    pub fn new(runtime: Runtime) -> Self {
        let bases = vec![format!("/{}", runtime.system().name)];
        Self {
            runtime,
            bases,
            access: Access::Open,
            lab: false,
            see_through: Duration::from_secs(2),
            catch_up: Duration::from_secs(2),
            changes_max: 4_000,
            drain: None,
            metrics: Arc::default(),
        }
    }

    /// All of it, with what operators need.
    pub fn router(&self) -> Router {
        Self::serve(Front::of(self.clone(), None))
    }

    /// The resources of one context at the root, with its health; nothing else.
    pub fn context_router(&self, context: &str) -> Router {
        let rest = Self { bases: vec![String::new()], ..self.clone() };
        Self::serve(Front::of(rest, Some(context)))
    }

    /// Waits until the process is going to stop.
    pub(crate) async fn draining(&self) {
        match &self.drain {
            Some(drain) => drain.draining().await,
            None => std::future::pending().await,
        }
    }

    fn serve(front: Front) -> Router {
        let front = Arc::new(front);
        Router::new().fallback(move |request: Request| {
            let front = Arc::clone(&front);
            async move { front.answer(request).await }
        })
    }
}

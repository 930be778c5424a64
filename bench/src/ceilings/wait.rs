//! Answers when the payment has: 400 to 620 ms later, or not at all after 610.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::post};
use tokio::time::sleep;

/// How long a caller is kept waiting at the most.
const PATIENCE: Duration = Duration::from_millis(610);

/// `POST /pay`.
pub fn router() -> Router {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let pay = async || {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let takes = Duration::from_millis(400 + count.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 221);
        sleep(takes.min(PATIENCE)).await;
        if takes > PATIENCE { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::OK }
    };
    Router::new().route("/pay", post(pay))
}

//! Log lines on standard error.

use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::{
    exit::{Code, OrStop, Outcome},
    settings::{Log, Settings},
};

/// From now on they are written.
pub fn start(settings: &Settings) -> Outcome {
    let filter: Targets = settings.log_filter.parse().or_stop(Code::Usage)?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match settings.log {
        Log::Text => lines.with_ansi(false).boxed(),
        Log::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .or_stop(Code::Internal)
}

//! The edge: everything the declaration of a business says, as resources, links, problems, live
//! views and their description.
//!
//! Nothing here knows a business. [`Rest`] reads a [`kernel::System`] and answers for it; [`edge`]
//! stands between it and the sockets.

mod answer;
mod body;
mod call;
mod csv;
pub mod edge;
mod etag;
mod freshness;
mod front;
mod hal;
mod health;
mod idempotency;
mod links;
mod metrics;

mod openapi;
mod ops;
mod percent;
mod problem;
mod query;
mod resources;
mod rest;
mod root;
mod rows;
mod sse;
mod table;
mod tongue;
mod who;

use kernel::moment;

pub use openapi::openapi;
pub use ops::case::summary;
pub use rest::Rest;
pub use table::{Act, Operation, Resource, Route, Table};
pub use who::Access;

//! The edge: everything the declaration of a business says, as resources, links, problems, live
//! views and their description.
//!
//! Nothing here knows a business. [`Rest`] reads a [`kernel::System`] and answers for it; [`edge`]
//! stands between it and the sockets. The gateway speaks with the same words.

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
pub mod metrics;
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

pub use call::TIME_LEFT;
pub use etag::tagged;
pub use front::{secure, segments};
pub use openapi::{openapi, together};
pub use ops::case::summary;
pub use problem::{Kind, Problem};
pub use resources::WAIT_MAX;
pub use rest::Rest;
pub use root::links;
pub use table::{Act, Found, Operation, Resource, Route, Table};
pub use tongue::of as tongue;
pub use who::Access;

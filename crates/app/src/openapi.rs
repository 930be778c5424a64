//! Prints the description of a business that the server gives too.

use kernel::System;

use crate::exit::{self, Outcome};

/// Prints it.
pub fn print(system: &System) -> Outcome {
    let description = rest::openapi(system, &format!("/{}", system.name));
    exit::print(format!("{description:#}\n"))
}

//! Has this process end, wait or panic at fault points, as `MADANG_FAULT` says.
//! Only builds for tests have it.

mod act;
mod plan;

use crate::{
    columns::Columns,
    exit::{Code, OrStop, Outcome, print},
};
use plan::Plan;
use runtime::fault::{self, POINTS};

/// The variable that says what goes wrong.
const VARIABLE: &str = "MADANG_FAULT";

/// Does from now on what the variable says, where it is set.
pub fn prepare() -> Outcome {
    let Some(text) = std::env::var_os(VARIABLE) else { return Ok(()) };
    let plan: Plan = text.to_string_lossy().parse().or_stop(Code::Usage)?;
    fault::decide_by(move |point| plan.reached(point).map_or(fault::Strike::Nothing, act::now));
    Ok(())
}

/// Prints every point, and what can be done there.
pub fn list() -> Outcome {
    let mut table = Columns::new(&["POINT", "WHEN IT IS REACHED"]);
    for (name, what) in POINTS {
        table.row([(*name).to_owned(), (*what).to_owned()]);
    }
    print(format!("{}\n{}\n", table.text(), plan::HELP))
}

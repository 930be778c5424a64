//! An earlier state of the journals: what is there is a beginning of what came later, complete in
//! itself.

use crate::{
    checks::journals,
    records::Records,
    report::{Finding, count},
};

/// Every journal is a beginning of the same one later.
pub fn beginnings(earlier: &Records, later: &Records) -> Finding {
    let (mut events, mut wrong) = (0, Vec::new());
    for (context, journal) in &earlier.journals {
        let whole = later.journals.get(context).map(Vec::as_slice).unwrap_or_default();
        events += journal.len();
        if !whole.starts_with(journal) {
            wrong.push(format!(
                "{context}: its {} events are no beginning of {}",
                count(journal.len()),
                count(whole.len())
            ));
        }
    }
    Finding::each("every journal is a beginning of the later one", events, wrong)
}

/// What is wrong with what was cut short: nothing, when it is as the database was at one moment.
pub fn cut_short(earlier: &Records, later: &Records) -> Vec<String> {
    let mut findings = journals(earlier);
    findings.push(beginnings(earlier, later));
    findings.iter().filter(|it| !it.is_good()).map(|it| format!("{it:?}")).collect()
}

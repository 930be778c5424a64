//! The journals themselves: without gaps, in order, and nothing without its cause.

use std::collections::{HashMap, HashSet};

use crate::{
    records::Records,
    report::{Finding, count},
};

/// Everything that can be said of the journals alone.
pub fn journals(records: &Records) -> Vec<Finding> {
    let events = records.journals.values().map(Vec::len).sum();
    let unsound = records.checked.iter().filter(|(_, said)| said != "ok");
    let unsound = unsound.map(|(name, said)| format!("{name}: {said}")).collect();
    vec![
        Finding::each("the engine finds its files sound", records.checked.len(), unsound),
        Finding::each("positions and versions are 1..n", events, gaps(records))
            .with(format!("{} events in {} journals", count(events), records.journals.len()))
            .rule("U1"),
        Finding::each("no cause took effect twice", events, doubled(records)).rule("U5"),
        Finding::each("every event has its cause", events, causeless(records)).rule("U6"),
        Finding::each("no case was told in another order", events, overtaken(records)).rule("U13"),
        Finding::each("every event is in the case of its cause", events, strangers(records))
            .rule("U14"),
    ]
}

fn gaps(records: &Records) -> Vec<String> {
    let mut wrong = Vec::new();
    for (context, journal) in &records.journals {
        let mut last = HashMap::<_, (u64, u64)>::new();
        for (expected, record) in (1..).zip(journal) {
            let (version, position) = last.get(&record.of).copied().unwrap_or_default();
            if record.position != expected
                || record.version != version + 1
                || record.previous != position
            {
                let of = &record.of;
                wrong.push(format!(
                    "{context} {}: version {} of {of:?}",
                    record.position, record.version
                ));
            }
            last.insert(&record.of, (record.version, record.position));
        }
    }
    wrong
}

fn causeless(records: &Records) -> Vec<String> {
    let caused = records.all().filter_map(|(context, it)| Some((context, it, it.cause.as_ref()?)));
    let wrong = caused.filter(|(_, _, cause)| records.at(cause).is_none());
    wrong
        .map(|(context, it, cause)| format!("{context} {}: because of {cause:?}", it.position))
        .collect()
}

fn strangers(records: &Records) -> Vec<String> {
    let caused = records.all().filter_map(|(context, it)| Some((context, it, it.cause.as_ref()?)));
    let wrong = caused
        .filter(|(_, it, cause)| records.at(cause).is_some_and(|cause| cause.case != it.case));
    wrong
        .map(|(context, it, cause)| format!("{context} {}: because of {cause:?}", it.position))
        .collect()
}

/// A command of ours decides one event at the most.
fn doubled(records: &Records) -> Vec<String> {
    let mut seen = HashSet::new();
    let caused = records.all().filter_map(|(context, it)| Some((context, it, it.cause.as_ref()?)));
    let twice = caused.filter(|(context, it, cause)| !seen.insert((*context, &it.command, *cause)));
    twice
        .map(|(context, it, cause)| {
            format!("{context} {}: {} once more for {cause:?}", it.position, it.command)
        })
        .collect()
}

/// For each command of each case the causes come in the order in which they happened.
fn overtaken(records: &Records) -> Vec<String> {
    let mut told = HashMap::new();
    let mut wrong = Vec::new();
    for (context, record) in records.all() {
        let Some((source, position)) = &record.cause else { continue };
        let line = (context, &record.command, &record.case, source);
        let before = told.insert(line, *position).unwrap_or_default();
        if before > *position {
            let at = record.position;
            wrong.push(format!("{context} {at}: {source} {position} was told after {before}"));
        }
    }
    wrong
}

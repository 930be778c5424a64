//! The obstacle course: every amount was told, printed and remembered once.

use std::collections::BTreeMap;

use kernel::Event;
use serde_json::{Value, from_slice};

use super::Wrong;
use crate::{laws::U5, witness::Witness, world::World};

/// Every amount has come to what it should, and each counter's in order.
pub fn is_run(world: &World) -> Result<(), Wrong> {
    let witness = world.witness.lock();
    let amounts = |context: &str, name: &str| by_case(&witness.journals[context], name);
    let added = amounts("counter", "Added");
    let told: BTreeMap<_, Vec<_>> = added
        .iter()
        .map(|(case, all)| (*case, all.iter().copied().filter(|it| *it != 7).collect::<Vec<_>>()))
        .filter(|(_, all)| !all.is_empty())
        .collect();
    if amounts("teller", "Told") != told {
        return Err((&U5, None, format!("told is {:?}, not {told:?}", amounts("teller", "Told"))));
    }
    if amounts("press", "Printed") != added {
        return Err((&U5, None, format!("printed is not {added:?}")));
    }
    if amounts("trap", "Stepped") != added {
        return Err((&U5, None, format!("stepped on is not {added:?}")));
    }
    from_the_right_safe(&witness)?;
    let waiting = witness.lines.iter().filter(|line| line.delayed);
    let waiting: usize = waiting.map(|line| line.aside.len()).sum();
    let count = |all: &BTreeMap<_, Vec<u64>>| all.values().map(Vec::len).sum::<usize>();
    let remembered = amounts("teller", "Remembered");
    if count(&remembered) + waiting != count(&added) {
        return Err((&U5, None, format!("remembered is {remembered:?}, and {waiting} wait")));
    }
    let small = added.values().flatten().filter(|it| **it < 5).count();
    let echoed = count(&amounts("teller", "Echoed"));
    if echoed != 2 * small {
        return Err((&U5, None, format!("{echoed} echoes of {small} small amounts")));
    }
    Ok(())
}

/// What was told of a page was asked of one safe and the other in turn.
fn from_the_right_safe(witness: &Witness) -> Result<(), Wrong> {
    let mut turns: BTreeMap<u64, u64> = BTreeMap::new();
    let looked = |event: &&Event| ["Told", "Peeked"].contains(&event.name);
    for told in witness.journals["teller"].iter().filter(looked) {
        let turn = turns.entry(told.of.number).or_default();
        let safe = 1 + *turn % 2;
        *turn += 1;
        let body: Value = from_slice(&told.body).unwrap_or_default();
        let there = by_number(&witness.journals["bank"], safe);
        if !there.contains(&body["there"].as_u64().unwrap_or(u64::MAX)) {
            return Err((
                &U5,
                Some(told.case),
                format!("{body} was not in safe {safe}: {there:?}"),
            ));
        }
    }
    Ok(())
}

/// What was ever in a safe.
fn by_number(journal: &[Event], number: u64) -> Vec<u64> {
    let mut there = vec![0];
    for event in journal.iter().filter(|event| event.of.number == number) {
        let body: Value = from_slice(&event.body).unwrap_or_default();
        let last = there.last().copied().unwrap_or(0);
        there.push(last + body["amount"].as_u64().unwrap_or(0));
    }
    there
}

fn by_case(journal: &[Event], name: &str) -> BTreeMap<u64, Vec<u64>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in journal.iter().filter(|event| event.name == name) {
        let body: Value = from_slice(&event.body).unwrap_or_default();
        all.entry(event.case.number).or_default().push(body["amount"].as_u64().unwrap_or(0));
    }
    all
}

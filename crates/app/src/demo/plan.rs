//! What the demonstration consists of: the same for everyone who asks for as
//! many cases, and the beginning of what whoever asks for more gets.

use super::people::{APPLIANCES, Appliance, CUSTOMERS, ENGINEERS, WAITED_FOR};

/// A box of parts that comes in.
#[derive(Debug, PartialEq, Eq)]
pub struct Intake {
    /// How it is known when it comes twice.
    pub key: String,
    /// For what.
    pub appliance: &'static Appliance,
    /// How many parts are in it.
    pub count: u32,
}

/// Somebody has something to repair.
#[derive(Debug, PartialEq, Eq)]
pub struct Case {
    /// Counted from 1.
    pub number: u32,
    /// Who.
    pub customer: &'static str,
    /// On which number they are called back.
    pub phone: String,
    /// What.
    pub appliance: &'static Appliance,
    /// What is wrong with it.
    pub symptom: &'static str,
    /// Who repairs it.
    pub engineer: &'static str,
    /// How far it goes.
    pub end: End,
}

/// How far a case goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nobody has taken it.
    Waiting,
    /// The customer thinks better of it.
    Canceled,
    /// The customer thinks better of it when it has been accepted.
    CanceledLate,
    /// An engineer would take it, but there is no part.
    OutOfStock,
    /// An engineer has taken it.
    Accepted,
    /// It is repaired and paid.
    Paid,
}

/// How the cases end, one after the other, over and over.
const ENDS: &[End] = &[
    End::Paid,
    End::Waiting,
    End::Paid,
    End::OutOfStock,
    End::Accepted,
    End::Paid,
    End::Canceled,
    End::Paid,
    End::CanceledLate,
    End::Paid,
];

/// For so many cases one box of each part comes in.
const CASES_A_BOX: u32 = 50;
/// So many parts are in a box; more than all those cases together can use.
const PARTS_A_BOX: u32 = 60;

/// The parts that come in, for so many cases.
pub fn intakes(cases: u32) -> Vec<Intake> {
    let boxes = 1..=cases.div_ceil(CASES_A_BOX);
    let full = boxes.flat_map(|number| {
        APPLIANCES.iter().map(move |appliance| Intake {
            key: format!("demo-intake-{}-{number}", appliance.code),
            appliance,
            count: PARTS_A_BOX,
        })
    });
    // Known to the shelf, and not on it.
    let key = format!("demo-intake-{}", WAITED_FOR.code);
    full.chain([Intake { key, appliance: &WAITED_FOR, count: 0 }]).collect()
}

/// So many cases.
pub fn cases(count: u32) -> impl Iterator<Item = Case> {
    (1..=count).map(Case::of)
}

impl Case {
    fn of(number: u32) -> Self {
        let turn = number as usize - 1;
        let end = ENDS[turn % ENDS.len()];
        let round = turn / ENDS.len();
        let appliance = match end {
            End::OutOfStock => &WAITED_FOR,
            _ => &APPLIANCES[(turn + round) % APPLIANCES.len()],
        };
        let customer = (turn * 7 + round) % CUSTOMERS.len();
        Self {
            number,
            customer: CUSTOMERS[customer],
            phone: format!("010-0000-{:04}", customer + 1),
            appliance,
            symptom: appliance.symptoms[(turn / 2 + round) % appliance.symptoms.len()],
            engineer: ENGINEERS[(turn + round) % ENGINEERS.len()],
            end,
        }
    }

    /// The key of one of its steps.
    pub fn key(&self, step: &str) -> String {
        format!("demo-{}-{step}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{End, cases, intakes};
    use crate::demo::people::{APPLIANCES, CUSTOMERS};

    #[test]
    fn more_cases_begin_like_fewer() {
        let few: Vec<_> = cases(30).collect();
        assert!(cases(400).zip(&few).all(|(long, short)| long == *short));
        let boxes = intakes(400);
        assert!(intakes(30).iter().all(|one| boxes.contains(one)));
    }

    #[test]
    fn thirty_cases_show_everything() {
        let ends: Vec<_> = cases(30).map(|it| it.end).collect();
        for end in [
            End::Waiting,
            End::Canceled,
            End::CanceledLate,
            End::OutOfStock,
            End::Accepted,
            End::Paid,
        ] {
            assert!(ends.contains(&end), "{end:?}");
        }
        let who: BTreeSet<_> = cases(30).map(|it| it.customer).collect();
        assert_eq!(who.len(), CUSTOMERS.len());
        let what: BTreeSet<_> = cases(30).map(|it| it.appliance.code).collect();
        assert_eq!(what.len(), APPLIANCES.len() + 1);
    }

    #[test]
    fn the_parts_last_for_all_cases() {
        for count in [1, 49, 50, 51, 1_000, 10_000] {
            let mut shelf: BTreeMap<_, u32> = BTreeMap::new();
            for one in intakes(count) {
                *shelf.entry(one.appliance.code).or_default() += one.count;
            }
            for case in cases(count).filter(|it| it.end != End::OutOfStock) {
                let left = shelf.get_mut(case.appliance.code).unwrap();
                *left = left.checked_sub(1).expect("a part");
            }
        }
    }
}

//! What goes wrong where, and at which time of coming by.

use std::{
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use runtime::fault::POINTS;
use thiserror::Error;

use super::act::Action;

/// How it is written.
pub const HELP: &str = "\
MADANG_FAULT=\"writer.after_commit=abort@17,effect.after_call=panic@3..\"
  what   abort, exit, stop (until SIGCONT), panic, wait:MILLISECONDS
  when   @5 at the fifth time, @5.. from the fifth on, @5% so many times in a hundred; else always";

/// What goes wrong where.
#[derive(Debug)]
pub struct Plan(Vec<Item>);

#[derive(Debug)]
struct Item {
    point: &'static str,
    action: Action,
    when: When,
    came_by: AtomicU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    At(u64),
    From(u64),
    Percent(u64),
}

/// What is wrong with a plan.
#[derive(Debug, Error)]
pub enum Wrong {
    /// Nothing is called that.
    #[error("MADANG_FAULT: there is no point \"{0}\"; `madang fault-points` lists them")]
    Point(String),
    /// Nobody can do that.
    #[error("MADANG_FAULT: \"{0}\" cannot be done; say abort, exit, stop, panic or wait:MS")]
    Action(String),
    /// It is no time.
    #[error("MADANG_FAULT: \"@{0}\" is no time; say @5, @5.. or @5%")]
    When(String),
    /// It is nothing at all.
    #[error("MADANG_FAULT: \"{0}\" is not of the form point=action@when")]
    Form(String),
}

impl Plan {
    /// What is to be done at a point that is reached now.
    pub fn reached(&self, point: &str) -> Option<Action> {
        let items = self.0.iter().filter(|item| item.point == point);
        let mut due = items.filter(|item| item.comes_by());
        let first = due.next().map(|item| item.action);
        due.for_each(drop); // the others count too
        first
    }
}

impl Item {
    fn comes_by(&self) -> bool {
        let time = self.came_by.fetch_add(1, Ordering::Relaxed) + 1;
        match self.when {
            When::At(at) => time == at,
            When::From(from) => time >= from,
            When::Percent(share) => {
                let mut bytes = [0; 8];
                getrandom::fill(&mut bytes).expect("the operating system has random bits");
                u64::from_ne_bytes(bytes) % 100 < share
            }
        }
    }
}

impl FromStr for Plan {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(item).collect::<Result<_, _>>().map(Self)
    }
}

fn item(text: &str) -> Result<Item, Wrong> {
    let (point, rest) = text.split_once('=').ok_or_else(|| Wrong::Form(text.to_owned()))?;
    let (action, when) = rest.split_once('@').unwrap_or((rest, "1.."));
    let known = POINTS.iter().find(|(name, _)| *name == point);
    let (point, _) = known.ok_or_else(|| Wrong::Point(point.to_owned()))?;
    Ok(Item { point, action: act(action)?, when: time(when)?, came_by: AtomicU64::new(0) })
}

fn act(text: &str) -> Result<Action, Wrong> {
    let wait = text.strip_prefix("wait:").map(str::parse);
    match (text, wait) {
        ("abort", _) => Ok(Action::Abort),
        ("exit", _) => Ok(Action::Exit),
        ("stop", _) => Ok(Action::Stop),
        ("panic", _) => Ok(Action::Panic),
        (_, Some(Ok(ms))) => Ok(Action::Wait(Duration::from_millis(ms))),
        _ => Err(Wrong::Action(text.to_owned())),
    }
}

fn time(text: &str) -> Result<When, Wrong> {
    let (number, when): (_, fn(u64) -> When) =
        match (text.strip_suffix(".."), text.strip_suffix('%')) {
            (Some(number), _) => (number, When::From),
            (_, Some(number)) => (number, When::Percent),
            _ => (text, When::At),
        };
    number.parse().map(when).map_err(|_| Wrong::When(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_acts_at_its_time() {
        let plan: Plan = "lease.taken=exit@2, effect.after_call=wait:5@3..".parse().unwrap();
        let at = |point| (0..4).map(|_| plan.reached(point)).collect::<Vec<_>>();
        assert_eq!(at("lease.taken"), [None, Some(Action::Exit), None, None]);
        let wait = Some(Action::Wait(Duration::from_millis(5)));
        assert_eq!(at("effect.after_call"), [None, None, wait, wait]);
        assert_eq!(at("writer.before_work"), [None; 4]);
    }

    #[test]
    fn chance_is_what_is_left_to_chance() {
        let plan: Plan = "lease.taken=exit@0%,lease.before=exit@100%".parse().unwrap();
        assert_eq!(plan.reached("lease.taken"), None);
        assert_eq!(plan.reached("lease.before"), Some(Action::Exit));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        let wrong = |text: &str| text.parse::<Plan>().unwrap_err().to_string();
        for (text, says) in [
            ("writer.after_comit=abort", "\"writer.after_comit\""),
            ("lease.taken=explode", "\"explode\""),
            ("lease.taken=wait:long", "\"wait:long\""),
            ("lease.taken=exit@often", "\"@often\""),
            ("lease.taken", "point=action@when"),
        ] {
            assert!(wrong(text).contains(says), "{}", wrong(text));
            assert_eq!(wrong(text).lines().count(), 1);
        }
    }
}

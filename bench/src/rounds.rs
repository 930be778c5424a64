//! Subject and ceiling in alternating rounds: whatever else the machine does,
//! it does to both.

use anyhow::Result;

/// One round: what the subject reached, and what the ceiling did right beside it.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// Of ours.
    pub subject: f64,
    /// Of the bare one.
    pub ceiling: f64,
}

/// Runs so many rounds; whoever was first in one is second in the next.
pub fn alternate(
    count: usize,
    mut subject: impl FnMut() -> Result<f64>,
    mut ceiling: impl FnMut() -> Result<f64>,
) -> Result<Vec<Round>> {
    let mut rounds = Vec::with_capacity(count);
    for round in 0..count {
        let (ours, bare);
        if round % 2 == 0 {
            ours = subject()?;
            bare = ceiling()?;
        } else {
            bare = ceiling()?;
            ours = subject()?;
        }
        rounds.push(Round { subject: ours, ceiling: bare });
    }
    Ok(rounds)
}

/// The middle one.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

/// The middle one of the subject, of the ceiling, and of the ratios of each round.
pub fn medians(rounds: &[Round]) -> (f64, f64, f64) {
    (
        median(rounds.iter().map(|it| it.subject)),
        median(rounds.iter().map(|it| it.ceiling)),
        median(rounds.iter().map(|it| it.subject / it.ceiling)),
    )
}

#[cfg(test)]
mod tests {
    use super::{alternate, medians};

    #[test]
    fn a_slow_moment_of_the_machine_does_not_move_the_ratio() {
        let mut speeds = [10.0, 20.0, 2.0, 1.0, 10.0, 20.0].into_iter();
        let speeds = std::cell::RefCell::new(&mut speeds);
        let one = || Ok(speeds.borrow_mut().next().unwrap());
        let rounds = alternate(3, one, one).unwrap();
        let (subject, ceiling, ratio) = medians(&rounds);
        assert_eq!((subject, ceiling), (10.0, 20.0));
        assert!((ratio - 0.5).abs() < 1e-9);
    }
}

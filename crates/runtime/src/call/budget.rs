//! A budget for second attempts: at the most one for every five calls, so that
//! retries cannot multiply the load of somebody who is already failing.

/// Thousandths of a second attempt that each call earns.
const EARNED: u32 = 200;
/// What one second attempt costs.
const COST: u32 = 1000;
/// The most that can be saved up.
const SAVED: u32 = 10 * COST;

/// A budget for second attempts.
#[derive(Debug)]
pub struct Budget(u32);

impl Default for Budget {
    fn default() -> Self {
        Self(SAVED)
    }
}

impl Budget {
    /// A first attempt earns a part of a second one.
    pub fn earn(&mut self) {
        self.0 = (self.0 + EARNED).min(SAVED);
    }

    /// Whether a second attempt can be paid for; if so, it is.
    pub fn spend(&mut self) -> bool {
        let paid = self.0 >= COST;
        if paid {
            self.0 -= COST;
        }
        paid
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn in_the_long_run_one_call_in_five_may_be_repeated() {
        let mut budget = Budget::default();
        let mut repeated = 0;
        for _ in 0..10_000 {
            budget.earn();
            repeated += u32::from(budget.spend());
        }
        assert!((2_000..=2_010).contains(&repeated), "{repeated}");
    }
}

//! The one table of all experiments: the command line, the report and the documents read it.

mod table;

use std::{fmt, pin::Pin};

use anyhow::Result;

use crate::{
    Report,
    dose::Dose,
    need::Need,
    site::{Site, Storage},
};

pub use table::CATALOGUE;

/// One experiment.
pub struct Experiment {
    /// Its name, such as `F-02`, or `F-02/apart` for another arrangement of the same.
    pub id: &'static str,
    /// What it is called beside that.
    pub alias: &'static str,
    /// What is done to the server.
    pub what: &'static str,
    /// What must be so, beside the invariants.
    pub passes: &'static str,
    /// What must be there for it.
    pub needs: &'static [Need],
    /// Where the data are.
    pub storage: Storage,
    /// How often: usually, in the fast subset, and of what.
    pub n: Amount,
    /// For how many seconds: usually, and in the fast subset.
    pub seconds: (u64, u64),
    /// Whether it belongs to the fast subset.
    pub fast: bool,
    /// Does it.
    pub run: for<'a> fn(&'a Site, &'a Dose) -> Running<'a>,
}

/// How often: usually, in the fast subset, and of what.
pub type Amount = (u64, u64, &'static str);

/// An experiment at work.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Report>> + 'a>>;

impl Experiment {
    /// Whether this name means it: its own, its other one, or that of all its arrangements.
    #[must_use]
    pub fn is_meant(&self, name: &str) -> bool {
        let is = |own: &str| {
            let rest = own.get(..name.len()).filter(|it| it.eq_ignore_ascii_case(name));
            !name.is_empty()
                && rest.is_some()
                && matches!(own.as_bytes().get(name.len()), None | Some(b'/'))
        };
        is(self.id) || is(self.alias)
    }

    /// Why it cannot be done here; nothing when it can.
    #[must_use]
    pub fn lacks(&self) -> Option<String> {
        self.needs.iter().find_map(|it| it.lacks())
    }

    /// How much of it.
    #[must_use]
    pub fn dose(&self, fast: bool, seed: u64) -> Dose {
        let (usual, little, _) = self.n;
        let (long, short) = self.seconds;
        if fast {
            Dose { n: little, seconds: short, seed }
        } else {
            Dose { n: usual, seconds: long, seed }
        }
    }

    /// How much that was.
    #[must_use]
    pub fn amount(&self, dose: &Dose) -> String {
        let n = format!("{} {}", crate::report::count(dose.n), self.n.2);
        if dose.seconds == 0 { n } else { format!("{n}, {} s", dose.seconds) }
    }
}

impl fmt::Debug for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CATALOGUE;

    #[test]
    fn every_name_is_used_once() {
        let names: Vec<_> = CATALOGUE.iter().flat_map(|it| [it.id, it.alias]).collect();
        let names: Vec<_> = names.into_iter().filter(|it| !it.is_empty()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn a_name_means_all_its_arrangements() {
        let meant = |name: &str| {
            CATALOGUE.iter().filter(|it| it.is_meant(name)).map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(
            meant("f-02"),
            ["F-02", "F-02/apart", "F-02/postgres", "F-02/processes", "F-02/kafka"]
        );
        assert_eq!(meant("F-02/apart"), ["F-02/apart"]);
        assert_eq!(meant("last-part"), ["F-25/last-part", "F-25/last-part-postgres"]);
        assert!(meant("F-0").is_empty() && meant("").is_empty());
    }
}

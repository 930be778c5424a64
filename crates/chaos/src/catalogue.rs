//! The one table of all experiments: the command line, the report and the documents read it.

use std::{fmt, pin::Pin};

use anyhow::Result;

use crate::{
    Report,
    dose::Dose,
    experiments::{
        abort, drain, full, hot, kill, last_part, long_read, misset, outage, panics, patience,
        poison, restore, slow, stuck, torn, walk,
    },
    need::Need::{self, FaultPoints, Missing, Root, Sqlite},
    site::{
        Site,
        Storage::{self, Apart, One},
    },
};

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

macro_rules! run {
    ($run:path) => {
        |site, dose| Box::pin($run(site, dose))
    };
}

/// In the order of the catalogue of faults.
pub static CATALOGUE: &[Experiment] = &[
    Experiment {
        id: "walk",
        alias: "",
        what: "one repair after another, with contexts and the payment provider away",
        passes: "every step goes as it should",
        needs: &[Sqlite],
        storage: One,
        n: (1, 1, "walks"),
        seconds: (0, 0),
        fast: true,
        run: run!(walk::run),
    },
    Experiment {
        id: "F-01",
        alias: "abort",
        what: "abort between a commit and whoever would hear of it, at hit 1 to n",
        passes: "acknowledged and lost 0, done twice 0, everything told within 5 s of the restart",
        needs: &[Sqlite, FaultPoints],
        storage: One,
        n: (200, 10, "hits"),
        seconds: (0, 0),
        fast: false,
        run: run!(abort::run),
    },
    Experiment {
        id: "F-02",
        alias: "kill",
        what: "kill -9 at a random moment under load, again and again",
        passes: "acknowledged and lost 0, files sound, ready again within 2 s",
        needs: &[Sqlite],
        storage: One,
        n: (200, 5, "kills"),
        seconds: (0, 0),
        fast: true,
        run: run!(kill::run),
    },
    Experiment {
        id: "F-02/apart",
        alias: "kill/apart",
        what: "the same with a database for each context",
        passes: "the same",
        needs: &[Sqlite],
        storage: Apart,
        n: (100, 3, "kills"),
        seconds: (0, 0),
        fast: true,
        run: run!(kill::run),
    },
    Experiment {
        id: "F-07",
        alias: "outage",
        what: "each context but the first is away for a time, under load",
        passes: "what waits grows, the ledger adds up at every look, requests are always taken, all told within 10 s after",
        needs: &[Sqlite],
        storage: One,
        n: (4, 4, "contexts"),
        seconds: (5, 1),
        fast: true,
        run: run!(outage::run),
    },
    Experiment {
        id: "F-09",
        alias: "power-loss",
        what: "power loss: unsynced sectors are lost or torn",
        passes: "acknowledged and lost 0, split 0, damaged 0",
        needs: &[Sqlite, Missing("the disk that loses power is a crate of its own")],
        storage: One,
        n: (400, 0, "seeds"),
        seconds: (0, 0),
        fast: false,
        run: not_here,
    },
    Experiment {
        id: "F-10",
        alias: "torn",
        what: "the end of the log is cut off, or a bit of it is flipped",
        passes: "what is left is the database of an earlier moment, sound; the server goes on from there",
        needs: &[Sqlite],
        storage: One,
        n: (300, 20, "cuts, and as many flips"),
        seconds: (0, 0),
        fast: true,
        run: run!(torn::run),
    },
    Experiment {
        id: "F-10/apart",
        alias: "torn/apart",
        what: "the log of one context is cut off, where each has a database of its own",
        passes: "refused with one line that says what is missing, or sound and going on",
        needs: &[Sqlite],
        storage: Apart,
        n: (100, 8, "cuts"),
        seconds: (0, 0),
        fast: true,
        run: run!(torn::apart),
    },
    Experiment {
        id: "F-11",
        alias: "disk-errors",
        what: "the n-th write or flush of the disk fails",
        passes: "an error for whoever asked, nothing more is written; acknowledged and lost 0 after recovery",
        needs: &[Sqlite, Missing("the disk that fails is a crate of its own")],
        storage: One,
        n: (400, 0, "places"),
        seconds: (0, 0),
        fast: false,
        run: not_here,
    },
    Experiment {
        id: "F-12",
        alias: "full",
        what: "the disk is full, again and again",
        passes: "writes 503 with Retry-After, reads 200, not ready, alive; goes on within 5 s of room, without a restart",
        needs: &[Sqlite, Root],
        storage: One,
        n: (5, 1, "times"),
        seconds: (5, 1),
        fast: true,
        run: run!(full::run),
    },
    Experiment {
        id: "F-21",
        alias: "poison",
        what: "an event that nobody can read",
        passes: "the others lag at most 1 s; parked after 5 attempts with its reason; the alert counter shows it; the process lives",
        needs: &[Sqlite],
        storage: One,
        n: (200, 30, "cases after it"),
        seconds: (0, 0),
        fast: true,
        run: run!(poison::run),
    },
    Experiment {
        id: "F-22",
        alias: "replay",
        what: "what was parked is tried again: as it is, mended, and once more",
        passes: "each takes effect once, in the order of its case; a second time changes nothing",
        needs: &[Sqlite],
        storage: One,
        n: (1, 1, "replays"),
        seconds: (0, 0),
        fast: true,
        run: run!(poison::replay),
    },
    Experiment {
        id: "F-23",
        alias: "no-answer",
        what: "a step never answers: the answers of the payment provider are lost, or come too late",
        passes: "never PAID meanwhile, shown to an operator, goes on after kill -9, each is charged once",
        needs: &[Sqlite],
        storage: One,
        n: (20, 4, "repairs"),
        seconds: (5, 1),
        fast: true,
        run: run!(patience::step),
    },
    Experiment {
        id: "F-24",
        alias: "compensation",
        what: "a compensation fails: a part cannot be put back",
        passes: "tried 5 times, then it waits for an operator, visibly; the part counts as held; mended and tried again it is done once",
        needs: &[Sqlite],
        storage: One,
        n: (1, 1, "parts"),
        seconds: (0, 0),
        fast: true,
        run: run!(patience::compensation),
    },
    Experiment {
        id: "F-25",
        alias: "hot",
        what: "50 at once give commands to one shelf",
        passes: "applied = accepted, repeated at most 3 times, versions without a gap",
        needs: &[Sqlite],
        storage: One,
        n: (10_000, 500, "commands"),
        seconds: (0, 0),
        fast: true,
        run: run!(hot::run),
    },
    Experiment {
        id: "F-25/last-part",
        alias: "last-part",
        what: "two engineers accept at the same instant, and there is one part",
        passes: "one has it, the other is told; nothing is held twice",
        needs: &[Sqlite],
        storage: One,
        n: (1_000, 100, "rounds"),
        seconds: (0, 0),
        fast: true,
        run: run!(last_part::run),
    },
    Experiment {
        id: "F-28",
        alias: "drain",
        what: "SIGTERM and start again under load",
        passes: "no request fails",
        needs: &[Sqlite],
        storage: One,
        n: (5, 1, "restarts"),
        seconds: (0, 0),
        fast: true,
        run: run!(drain::run),
    },
    Experiment {
        id: "F-30",
        alias: "slowloris",
        what: "connections that never become a conversation: silent, slow heads, slow bodies, slow readers",
        passes: "closed within 10 s (head) and 30 s (body); p99 of the others at most twice; descriptors within their limit",
        needs: &[Sqlite],
        storage: One,
        n: (2_000, 200, "connections"),
        seconds: (30, 3),
        fast: false,
        run: run!(slow::slow),
    },
    Experiment {
        id: "F-31",
        alias: "flood",
        what: "connections as fast as they come, with and without descriptors for them",
        passes: "a cap is kept, and the others are answered all the while",
        needs: &[Sqlite],
        storage: One,
        n: (20_000, 4_000, "connections"),
        seconds: (10, 3),
        fast: true,
        run: run!(slow::flood),
    },
    Experiment {
        id: "F-33",
        alias: "long-read",
        what: "somebody reads for long while everyone writes",
        passes: "through the server the log stays below 64 MiB; beside it that is said; it is given back",
        needs: &[Sqlite],
        storage: One,
        n: (20, 10, "readers"),
        seconds: (60, 2),
        fast: true,
        run: run!(long_read::run),
    },
    Experiment {
        id: "F-35",
        alias: "misset",
        what: "wrong settings and data that cannot be used",
        passes: "each ends the start with one line and not with 0; whoever serves goes on",
        needs: &[Sqlite],
        storage: One,
        n: (1, 1, "times all"),
        seconds: (0, 0),
        fast: true,
        run: run!(misset::run),
    },
    Experiment {
        id: "F-38",
        alias: "backup",
        what: "copies while everyone works, each served",
        passes: "each is all of one moment, holds what was acknowledged before, and goes on by itself",
        needs: &[Sqlite],
        storage: One,
        n: (10, 2, "copies"),
        seconds: (0, 0),
        fast: true,
        run: run!(restore::run),
    },
    Experiment {
        id: "F-38/apart",
        alias: "backup/apart",
        what: "the same with a database for each context",
        passes: "the same",
        needs: &[Sqlite],
        storage: Apart,
        n: (10, 2, "copies"),
        seconds: (0, 0),
        fast: true,
        run: run!(restore::run),
    },
    Experiment {
        id: "F-39/database",
        alias: "stuck",
        what: "somebody else holds the database, and liveness is watched",
        passes: "liveness ends nothing, reads 200, writes 503, goes on within 5 s",
        needs: &[Sqlite],
        storage: One,
        n: (30, 3, "silent probes"),
        seconds: (60, 7),
        fast: false,
        run: run!(stuck::database),
    },
    Experiment {
        id: "F-39/process",
        alias: "frozen",
        what: "the process stands still, and liveness is watched",
        passes: "half as long as is patience: it lives; longer: it is ended once, and ready again within 2 s",
        needs: &[Sqlite],
        storage: One,
        n: (30, 3, "silent probes"),
        seconds: (0, 0),
        fast: false,
        run: run!(stuck::process),
    },
    Experiment {
        id: "F-40",
        alias: "panic",
        what: "so many of 100 requests, questions and calls panic",
        passes: "the process lives, whoever asked gets 500 without particulars, acknowledged and lost 0",
        needs: &[Sqlite, FaultPoints],
        storage: One,
        n: (1, 1, "of 100"),
        seconds: (30, 3),
        fast: false,
        run: run!(panics::run),
    },
];

/// What cannot be done is never asked to.
fn not_here<'a>(_: &'a Site, _: &'a Dose) -> Running<'a> {
    Box::pin(async { anyhow::bail!("this is not here") })
}

impl Experiment {
    /// Whether this name means it: its own, its other one, or that of all its arrangements.
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
    pub fn lacks(&self) -> Option<String> {
        self.needs.iter().find_map(|it| it.lacks())
    }

    /// How much of it.
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
        assert_eq!(meant("f-02"), ["F-02", "F-02/apart"]);
        assert_eq!(meant("F-02/apart"), ["F-02/apart"]);
        assert_eq!(meant("last-part"), ["F-25/last-part"]);
        assert!(meant("F-0").is_empty() && meant("").is_empty());
    }
}
